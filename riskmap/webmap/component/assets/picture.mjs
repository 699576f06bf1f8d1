// A picture of what takes long to draw. It is kept and moves with the map; what draws it does so
// again only when the map stands elsewhere, or has moved beyond the picture's edge.

const MARGIN = 0.2; // on every side, of the view
const TILE_PX = 512;

const VERTEX = `#version 300 es
precision highp float;
uniform vec4 place;
out vec2 at;
void main() {
  at = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4(place.xy + (at * 2.0 - 1.0) * place.zw, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D picture;
in vec2 at;
out vec4 drawn;
void main() {
  drawn = texture(picture, at);
}`;

/** Compile and link a program. */
export function program(gl, vertex, fragment) {
  const made = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
  return made;
}

/** Pixels of the whole world at a zoom. */
export function world(zoom) {
  return TILE_PX * 2 ** zoom;
}

/** A view is where the middle of the map lies (0 to 1), its zoom, and its size in device pixels. */
export class Picture {
  constructor(gl) {
    this.gl = gl;
    this.program = program(gl, VERTEX, FRAGMENT);
    this.place = gl.getUniformLocation(this.program, "place");
    this.array = gl.createVertexArray();
    this.buffer = gl.createFramebuffer();
    this.texture = gl.createTexture();
  }

  /** Whether the picture will do for a view. */
  serves(view, moving) {
    const { of } = this;
    if (!of || of.width !== view.width || of.height !== view.height || of.ratio !== view.ratio) return false;
    if (of.x === view.x && of.y === view.y && of.zoom === view.zoom) return true;
    if (!moving || view.zoom - of.zoom > 1) return false;
    const [x, y, wide, high] = this.lies(view);
    return Math.abs(x) + 1 <= wide && Math.abs(y) + 1 <= high;
  }

  // Its middle and half its size, where the view reaches from -1 to 1.
  lies(view) {
    const { of } = this;
    const pixels = world(view.zoom) * view.ratio;
    const [x, y] = [of.x - view.x, of.y - view.y].map((way) => way * pixels);
    const scale = 2 ** (view.zoom - of.zoom);
    // whole pixels, so that thin lines stay sharp
    const [right, down] = scale === 1 ? [Math.round(x), Math.round(y)] : [x, y];
    return [
      (2 * right) / view.width, (-2 * down) / view.height,
      (this.width / view.width) * scale, (this.height / view.height) * scale,
    ];
  }

  /** Begin a picture of a view: what is drawn next is drawn on it, to be as large as it is. */
  begin(view) {
    const { gl } = this;
    const most = gl.getParameter(gl.MAX_TEXTURE_SIZE);
    const [width, height] = [view.width, view.height].map((size) => Math.min(most, size + 2 * Math.round(size * MARGIN)));
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    if (width !== this.width || height !== this.height) {
      Object.assign(this, { width, height });
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
      for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.buffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.texture, 0);
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.of = view;
  }

  /** Draw the picture where it lies in a view. */
  show(view) {
    const { gl } = this;
    gl.useProgram(this.program);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    const filter = view.zoom === this.of.zoom ? gl.NEAREST : gl.LINEAR;
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, filter);
    gl.uniform4f(this.place, ...this.lies(view));
    gl.bindVertexArray(this.array);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.bindVertexArray(null);
  }

  close() {
    const { gl } = this;
    gl.deleteProgram(this.program);
    gl.deleteVertexArray(this.array);
    gl.deleteFramebuffer(this.buffer);
    gl.deleteTexture(this.texture);
  }
}
