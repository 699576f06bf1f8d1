// Without a graphics card each frame costs, and one that is seen is waited for. Until all tiles are
// here, or come too late, frames are coarse and hidden, and worked off while the next is made ready.

const LATE_MS = 2000;

/** Hide a map that has just been made, until `clear` is called; what is returned keeps it from that. */
export function veil(map, clear) {
  const canvas = map.getCanvas();
  const gl = canvas.getContext("webgl2");
  let submitted;
  const submit = () => {
    gl.deleteSync(submitted);
    submitted = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0); // a flush alone may wait
    gl.flush();
  };
  const unveil = () => {
    clearTimeout(late);
    map.off("render", submit);
    map.off("idle", unveil);
    clear();
    map.once("render", () => { canvas.style.visibility = ""; });
  };
  canvas.style.visibility = "hidden";
  map.on("render", submit);
  map.on("idle", unveil);
  const late = setTimeout(unveil, LATE_MS);
  return () => clearTimeout(late);
}
