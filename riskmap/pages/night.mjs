// The switch between day and night. Streamlit changes its theme without a new page only through
// its own menu, which is not shown but works; and it keeps the choice for each path by itself, so
// that it is written here for all rooms. `data-night` on the root turns the page's own colours.

const VERSION = 2; // of what Streamlit keeps; a newer one ignores it

function app() {
  return document.querySelector(".stApp");
}

function isNight() {
  return getComputedStyle(app()).colorScheme === "dark";
}

function paths(rooms) {
  const here = window.location.pathname;
  const last = here.split("/").pop();
  const base = last && rooms.includes(last) ? here.slice(0, -last.length) : `${here.replace(/\/$/, "")}/`;
  return rooms.map((room) => base + room);
}

function moment() {
  return new Promise((resolve) => { setTimeout(resolve, 50); });
}

async function choose(theme) {
  const menu = document.querySelector('[data-testid="stMainMenuButton"]');
  menu?.click();
  for (let tries = 0; tries < 20; tries += 1) {
    const item = document.querySelector(`[data-testid="stMainMenuItem-theme-${theme}"]`);
    if (item) {
      item.click();
      menu.click(); // it stays open otherwise
      return true;
    }
    await moment();
  }
  return false;
}

async function turn(rooms) {
  const theme = isNight() ? "Light" : "Dark";
  for (const path of paths(rooms)) {
    localStorage.setItem(`stActiveTheme-${path}-v${VERSION}`, JSON.stringify(theme));
  }
  if (!await choose(theme)) window.location.reload();
}

export default function mount({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector("button");
  button.title = data.label;
  button.setAttribute("aria-label", data.label);
  button.onclick = () => turn(data.rooms);
  let told = data.night;
  const follow = () => {
    const night = isNight();
    document.documentElement.toggleAttribute("data-night", night);
    button.setAttribute("aria-pressed", String(night));
    if (night !== told) setTriggerValue("turned", night);
    told = night;
  };
  follow();
  // the theme of the system may change by itself at dusk
  const watch = new MutationObserver(follow);
  watch.observe(app(), { attributes: true, attributeFilter: ["class"] });
  return () => watch.disconnect();
}
