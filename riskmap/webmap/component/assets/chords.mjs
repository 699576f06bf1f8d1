// The roads from afar: every piece as a straight line from end to end, drawn by the graphics card
// in one go. None is left out, the worst lie on top, and a new hour is one buffer of numbers.

import { Picture, program, world } from "./picture.mjs";

const SOFT_PX = 0.7; // the edge of a line fades over so much
const THIN_ZOOM = 7;
const FULL_ZOOM = 12;
const THINNEST = 0.6;
const CORNERS = 4; // of a road: its ends, twice where it is wider than a pixel
const LINE = [0, 3];
const TRIANGLES = [0, 1, 2, 2, 1, 3];

const VERTEX = `#version 300 es
precision highp float;
in vec4 ends;
uniform vec2 offset;
uniform float scale;
uniform vec2 size;
uniform float width;
uniform bool hair;
out float across;
void main() {
  int corner = gl_VertexID % ${CORNERS};
  vec2 a = (ends.xy + offset) * scale;
  vec2 b = (ends.zw + offset) * scale;
  vec2 at = corner < 2 ? a : b;
  across = 0.0;
  if (!hair) {
    vec2 along = b - a;
    float far = length(along);
    along = far > 0.0 ? along / far : vec2(1.0, 0.0);
    float reach = width * 0.5;
    across = (float(corner & 1) * 2.0 - 1.0) * (reach + ${SOFT_PX.toFixed(1)});
    at += along * (corner < 2 ? -reach : reach) + vec2(-along.y, along.x) * across;
  }
  gl_Position = vec4(at.x * 2.0 / size.x, -at.y * 2.0 / size.y, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
uniform float width;
uniform bool hair;
uniform vec4 color;
in float across;
out vec4 drawn;
void main() {
  float reach = hair ? 1.0 : width * 0.5;
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

/**
 * A layer for MapLibre; `ends` in degrees, four a road, `until` the zoom from which it is not drawn,
 * `wide` the number of levels whose lines are wider than a pixel.
 */
export class Chords {
  constructor(id, ends, { until, wide, widths, colors, opacities }) {
    Object.assign(this, { id, until, wide, widths, opacities });
    this.type = "custom";
    this.renderingMode = "2d";
    this.colors = colors.map(rgb);
    const count = ends.length / 4;
    // single precision: from the middle of the area, not of the world
    this.middle = mercator((ends[0] + ends[2]) / 2, (ends[1] + ends[3]) / 2);
    this.ends = new Float32Array(4 * CORNERS * count);
    for (let row = 0; row < count; row += 1) {
      const first = 4 * CORNERS * row;
      for (const end of [0, 2]) {
        const [x, y] = mercator(ends[4 * row + end], ends[4 * row + end + 1]);
        this.ends[first + end] = x - this.middle[0];
        this.ends[first + end + 1] = y - this.middle[1];
      }
      for (let corner = 1; corner < CORNERS; corner += 1) {
        this.ends.copyWithin(first + 4 * corner, first, first + 4);
      }
    }
    this.order = new Uint32Array(TRIANGLES.length * count);
    this.starts = new Uint32Array(1); // where each level, and of it each confidence, begins in the order
  }

  /** Take levels, and confidences where they are shown: the worst come last, so on top. */
  set(levels, sure) {
    const { wide, order } = this;
    const many = this.opacities.length;
    const best = this.widths.length - 1;
    const starts = new Uint32Array((best + 1) * many + 1);
    for (let row = 0; row < levels.length; row += 1) {
      const kind = (best - levels[row]) * many + (sure ? sure[row] : 0);
      starts[kind + 1] += levels[row] < wide ? TRIANGLES.length : LINE.length;
    }
    for (let i = 1; i < starts.length; i += 1) starts[i] += starts[i - 1];
    this.starts = starts.slice();
    for (let row = 0; row < levels.length; row += 1) {
      const kind = (best - levels[row]) * many + (sure ? sure[row] : 0);
      const corners = levels[row] < wide ? TRIANGLES : LINE;
      for (let i = 0; i < corners.length; i += 1) order[starts[kind] + i] = CORNERS * row + corners[i];
      starts[kind] += corners.length;
    }
    this.fresh = true;
    this.map?.triggerRepaint();
  }

  onAdd(map, gl) {
    this.map = map;
    this.program = program(gl, VERTEX, FRAGMENT);
    this.picture = new Picture(gl);
    this.at = (name) => gl.getUniformLocation(this.program, name);
    this.array = gl.createVertexArray();
    this.buffers = [gl.createBuffer(), gl.createBuffer()];
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[0]);
    gl.bufferData(gl.ARRAY_BUFFER, this.ends, gl.STATIC_DRAW);
    const place = gl.getAttribLocation(this.program, "ends");
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 4, gl.FLOAT, false, 0, 0);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers[1]);
    gl.bindVertexArray(null);
    this.fresh = true;
    this.stands = () => map.triggerRepaint();
    map.on("moveend", this.stands);
  }

  view(gl) {
    const { lng, lat } = this.map.getCenter();
    const [x, y] = mercator(lng, lat);
    const ratio = window.devicePixelRatio;
    const { clientWidth, clientHeight } = this.map.getContainer();
    // a map that is still coarse gets the picture that it keeps
    const [width, height] = this.map.getPixelRatio() === ratio
      ? [gl.drawingBufferWidth, gl.drawingBufferHeight]
      : [clientWidth, clientHeight].map((size) => Math.floor(size * ratio));
    return { x, y, zoom: this.map.getZoom(), ratio, width, height };
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
    gl.uniform2f(this.at("offset"), this.middle[0] - x, this.middle[1] - y);
    gl.uniform1f(this.at("scale"), world(zoom) * ratio);
    gl.uniform2f(this.at("size"), ...size);
    gl.bindVertexArray(this.array);
    const many = this.opacities.length;
    const [end] = this.starts.slice(-1);
    if (this.fresh) gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.order.subarray(0, end), gl.STREAM_DRAW);
    this.fresh = false;
    for (let kind = 0; kind < this.starts.length - 1; kind += 1) {
      const [first, last] = this.starts.subarray(kind, kind + 2);
      if (first === last) continue;
      const level = this.widths.length - 1 - Math.floor(kind / many);
      const opacity = this.opacities[kind % many];
      gl.uniform1f(this.at("width"), this.widths[level] * factor);
      gl.uniform4f(this.at("color"), ...[...this.colors[level], 1].map((part) => part * opacity));
      gl.uniform1i(this.at("hair"), level >= this.wide);
      gl.drawElements(
        level < this.wide ? gl.TRIANGLES : gl.LINES, last - first, gl.UNSIGNED_INT, first * this.order.BYTES_PER_ELEMENT,
      );
    }
    gl.bindVertexArray(null);
  }

  onRemove(map, gl) {
    map.off("moveend", this.stands);
    this.picture.close();
    gl.deleteProgram(this.program);
    for (const buffer of this.buffers) gl.deleteBuffer(buffer);
    gl.deleteVertexArray(this.array);
  }
}
