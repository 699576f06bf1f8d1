// Pictures for the map: symbols of layers on a disc, those of crashes with an edge.

const PX = 24;
export const RATIO = 2;

/** Image of a path in a square of 16; `bare` is its colour where it stands without a disc. */
export function icon(path, bare = undefined) {
  const size = PX * RATIO;
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const pen = canvas.getContext("2d");
  pen.scale(RATIO, RATIO);
  if (!bare) {
    pen.beginPath();
    pen.arc(PX / 2, PX / 2, PX / 2 - 1, 0, 2 * Math.PI);
    pen.fillStyle = "#fff";
    pen.fill();
    pen.strokeStyle = "#6b7278";
    pen.stroke();
  }
  pen.translate(PX / 2 - 8, PX / 2 - 8);
  const shape = new Path2D(path);
  if (bare) {
    pen.strokeStyle = "#fff";
    pen.lineWidth = 2;
    pen.stroke(shape);
  }
  pen.fillStyle = bare ?? "#333";
  pen.fill(shape, "evenodd");
  return pen.getImageData(0, 0, size, size);
}
