// Colours by day and by night. Levels are told apart by width as well.

export const LEVELS = [
  { name: "red", width: 5 },
  { name: "orange", width: 3.5 },
  { name: "yellow", width: 2.25 },
  { name: "blue", width: 1.1 },
  { name: "unknown", width: 1.5 },
];
export const UNKNOWN = LEVELS.length - 1;

const DAY = {
  red: "#b2182b", orange: "#e66101", yellow: "#e5b53b", blue: "#4a86b8", unknown: "#8a8f96",
  accent: "#7b1fa2", ink: "#24272b", paper: "#fff", name: "#3c4046", shape: "#8296a8",
  ground: "#f5f5f2", wood: "#dfe9d5", grass: "#eaf0de", farm: "#f3f0e2", park: "#e0ecd4",
  wet: "#d9e6df", rock: "#e7e2da", built: "#ecebe6", water: "#c3d9e8", stream: "#a9c8de",
  building: "#ddd9d0", rail: "#9b9b9b",
};
const NIGHT = {
  red: "#f0444e", orange: "#ff9234", yellow: "#f0cf62", blue: "#4f8cc2", unknown: "#8a8f96",
  accent: "#d79bf0", ink: "#e8eaed", paper: "#24272b", name: "#c3c8ce", shape: "#6f8294",
  ground: "#15181c", wood: "#18231c", grass: "#1a221c", farm: "#1d1f1b", park: "#1a261d",
  wet: "#16262a", rock: "#232120", built: "#1c1f24", water: "#152a3d", stream: "#1f3d57",
  building: "#272b31", rail: "#565b62",
};

/** Colours of the day, or of the night. */
export function palette(dark) {
  return dark ? NIGHT : DAY;
}
