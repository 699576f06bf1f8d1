// The Chinese font of the map's names: it comes with the page, for a machine may have none.

const NAME = "Riskmap Sans";

export const FONT = [`${NAME}, Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif`];

let asked;

/** Fetch the font once; the map does not wait for it, but names drawn before are drawn again. */
export function font() {
  asked ??= new FontFace(NAME, `url(${new URL("./vendor/NotoSansSC.woff2", import.meta.url).href})`)
    .load()
    .then((face) => document.fonts.add(face), () => undefined);
  return asked;
}
