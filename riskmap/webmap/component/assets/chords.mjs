// The roads from afar: every piece as a straight line from end to end, drawn by the graphics card
// in one go. None is left out, the worst lie on top, and a new hour is one buffer of numbers.

import { Picture, program, world } from "./picture.mjs";

const WIDE = 2048; // texels in a row of the texture that holds the ends
const LEVEL_BIT = 24;
const SURE_BIT = 28;
const SOFT_PX = 0.7; // the edge of a line fades over so much
const THIN_ZOOM = 7;
const FULL_ZOOM = 12;
const THINNEST = 0.6;

const VERTEX = `#version 300 es
precision highp float;
uniform highp sampler2D ends;
uniform vec2 offset;
uniform float scale;
uniform vec2 size;
uniform float widths[5];
uniform vec3 colors[5];
uniform float opacities[3];
uniform bool hairs;
uniform int first;
uniform highp usampler2D pieces;
out float across;
out float reach;
out vec4 color;
void main() {
  int each = hairs ? 2 : 6;
  int number = first + gl_VertexID / each;
  int corner = gl_VertexID % each;
  uint piece = texelFetch(pieces, ivec2(number % ${WIDE}, number / ${WIDE}), 0).r;
  int row = int(piece & 0xFFFFFFu);
  int level = int((piece >> ${LEVEL_BIT}) & 15u);
  vec4 end = texelFetch(ends, ivec2(row % ${WIDE}, row / ${WIDE}), 0);
  vec2 a = (end.xy + offset) * scale;
  vec2 b = (end.zw + offset) * scale;
  color = vec4(colors[level], 1.0) * opacities[int(piece >> ${SURE_BIT})];
  vec2 at = corner == 0 ? a : b;
  across = 0.0;
  reach = 1.0;
  if (!hairs) {
    // the corners of two triangles: 0 1 2 and 2 1 3
    corner = corner < 3 ? corner : corner == 3 ? 2 : corner == 4 ? 1 : 3;
    vec2 along = b - a;
    float far = length(along);
    along = far > 0.0 ? along / far : vec2(1.0, 0.0);
    reach = widths[level] * 0.5;
    across = (float(corner & 1) * 2.0 - 1.0) * (reach + ${SOFT_PX.toFixed(1)});
    at = corner > 1 ? b + along * reach : a - along * reach;
    at += vec2(-along.y, along.x) * across;
  }
  gl_Position = vec4(at.x * 2.0 / size.x, -at.y * 2.0 / size.y, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in float across;
in float reach;
in vec4 color;
out vec4 drawn;
void main() {
  drawn = color * (1.0 - smoothstep(reach - ${SOFT_PX.toFixed(1)}, reach + ${SOFT_PX.toFixed(1)}, abs(across)));
}`;

function mercator(lon, lat) {
  const y = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
  return [(lon + 180) / 360, 0.5 - y / (2 * Math.PI)];
}

function rgb(color) {
  const whole = color.length === 4 ? [...color.slice(1)].map((digit) => digit + digit).join("") : color.slice(1);
  return [0, 2, 4].map((at) => parseInt(whole.slice(at, at + 2), 16) / 255);
}

function texture(gl, inside, format, type, values) {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made);
  gl.texImage2D(gl.TEXTURE_2D, 0, inside, WIDE, Math.ceil(values.length * (format === gl.RGBA ? 0.25 : 1) / WIDE), 0, format, type, values);
  for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
    gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
  }
  return made;
}

/**
 * A layer for MapLibre; `ends` in degrees, four a road, `until` the zoom from which it is not drawn,
 * `wide` the number of levels whose lines are wider than a pixel.
 */
export class Chords {
  constructor(id, ends, { until, wide, widths, colors, opacities }) {
    Object.assign(this, { id, until, wide, widths, opacities });
    this.type = "custom";
    this.renderingMode = "2d";
    this.colors = colors.flatMap(rgb);
    this.count = ends.length / 4;
    // single precision: from the middle of the area, not of the world
    this.middle = mercator((ends[0] + ends[2]) / 2, (ends[1] + ends[3]) / 2);
    this.ends = new Float32Array(4 * WIDE * Math.max(1, Math.ceil(this.count / WIDE)));
    for (let at = 0; at < ends.length; at += 2) {
      const [x, y] = mercator(ends[at], ends[at + 1]);
      this.ends[at] = x - this.middle[0];
      this.ends[at + 1] = y - this.middle[1];
    }
    this.pieces = new Uint32Array(this.ends.length / 4);
    this.hairs = 0;
  }

  /** Take levels, and confidences where they are shown: the worst come last, so on top. */
  set(levels, sure) {
    const starts = new Uint32Array(this.widths.length + 1);
    for (const level of levels) starts[this.widths.length - 1 - level + 1] += 1;
    for (let i = 1; i < starts.length; i += 1) starts[i] += starts[i - 1];
    this.hairs = starts[this.widths.length - this.wide];
    for (let row = 0; row < levels.length; row += 1) {
      const place = this.widths.length - 1 - levels[row];
      this.pieces[starts[place]] = (row | (levels[row] << LEVEL_BIT) | ((sure?.[row] ?? 0) << SURE_BIT)) >>> 0;
      starts[place] += 1;
    }
    this.fresh = true;
    this.map?.triggerRepaint();
  }

  onAdd(map, gl) {
    this.map = map;
    this.program = program(gl, VERTEX, FRAGMENT);
    this.picture = new Picture(gl);
    this.at = (name) => gl.getUniformLocation(this.program, name);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    this.textures = [
      texture(gl, gl.RGBA32F, gl.RGBA, gl.FLOAT, this.ends),
      texture(gl, gl.R32UI, gl.RED_INTEGER, gl.UNSIGNED_INT, this.pieces),
    ];
    this.array = gl.createVertexArray();
    this.fresh = true;
    this.stands = () => map.triggerRepaint();
    map.on("moveend", this.stands);
  }

  view(gl) {
    const { lng, lat } = this.map.getCenter();
    const [x, y] = mercator(lng, lat);
    return {
      x, y, zoom: this.map.getZoom(), ratio: this.map.getPixelRatio(),
      width: gl.drawingBufferWidth, height: gl.drawingBufferHeight,
    };
  }

  prerender(gl) {
    const view = this.view(gl);
    if (view.zoom >= this.until) return;
    if (!this.fresh && this.picture.serves(view, this.map.isMoving())) return;
    this.picture.begin(view);
    this.draw(gl, view, [this.picture.width, this.picture.height]);
  }

  render(gl) {
    const view = this.view(gl);
    if (view.zoom < this.until) this.picture.show(view);
  }

  draw(gl, { x, y, zoom, ratio }, size) {
    const share = Math.min(Math.max((zoom - THIN_ZOOM) / (FULL_ZOOM - THIN_ZOOM), 0), 1);
    const factor = ratio * (THINNEST + (1 - THINNEST) * share);
    gl.useProgram(this.program);
    for (const [unit, name] of ["ends", "pieces"].entries()) {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, this.textures[unit]);
      gl.uniform1i(this.at(name), unit);
    }
    gl.uniform2f(this.at("offset"), this.middle[0] - x, this.middle[1] - y);
    gl.uniform1f(this.at("scale"), world(zoom) * ratio);
    gl.uniform2f(this.at("size"), ...size);
    gl.uniform1fv(this.at("widths"), this.widths.map((width) => width * factor));
    gl.uniform3fv(this.at("colors"), this.colors);
    gl.uniform1fv(this.at("opacities"), this.opacities);
    if (this.fresh) {
      gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
      gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
      gl.texSubImage2D(
        gl.TEXTURE_2D, 0, 0, 0, WIDE, this.pieces.length / WIDE, gl.RED_INTEGER, gl.UNSIGNED_INT, this.pieces,
      );
      this.fresh = false;
    }
    gl.bindVertexArray(this.array);
    // wide lines are two triangles each: software renderers draw instances one by one
    for (const [mode, each, first, last] of [[gl.LINES, 2, 0, this.hairs], [gl.TRIANGLES, 6, this.hairs, this.count]]) {
      gl.uniform1i(this.at("hairs"), mode === gl.LINES);
      gl.uniform1i(this.at("first"), first);
      gl.drawArrays(mode, 0, each * (last - first));
    }
    gl.bindVertexArray(null);
  }

  onRemove(map, gl) {
    map.off("moveend", this.stands);
    this.picture.close();
    gl.deleteProgram(this.program);
    for (const texture of this.textures) gl.deleteTexture(texture);
    gl.deleteVertexArray(this.array);
  }
}
