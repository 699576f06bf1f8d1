// A time that is chosen with a slider or played, at the foot of the map.

function made(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

export class Player {
  constructor(root, name) {
    this.button = made("button", { type: "button" });
    this.slider = made("input", { type: "range" });
    this.told = made("output");
    this.bar = made("div", { className: `play ${name}`, hidden: true });
    this.bar.append(this.button, this.slider, this.told);
    root.append(this.bar);
    this.button.addEventListener("click", () => this.toggle());
    this.slider.addEventListener("input", () => {
      this.play(false);
      this.go(Number(this.slider.value));
    });
    this.slider.addEventListener("change", () => this.stopped?.(this.value));
  }

  // `text` says a value in words, `show` draws it, `stopped` hears where the user left it;
  // `seconds` is how long all of it is played.
  set({ min, max, step, labels, seconds, text, show, stopped }) {
    Object.assign(this, { labels, seconds, text, draw: show, stopped });
    Object.assign(this.slider, { min, max, step, ariaLabel: labels.time });
    this.bar.hidden = false;
    // what was played is no time of these
    this.playing = false;
    this.play(false);
  }

  toggle() {
    if (!this.bar.hidden) this.play(!this.playing);
  }

  step(by) {
    if (this.bar.hidden) return;
    this.play(false);
    this.go(Math.min(Math.max(this.value + by * Number(this.slider.step), Number(this.slider.min)), Number(this.slider.max)));
    this.stopped?.(this.value);
  }

  close() {
    this.playing = false;
    this.bar.remove();
  }

  hide() {
    this.bar.hidden = true;
    this.playing = false;
  }

  go(value) {
    this.value = value;
    this.slider.value = value;
    const words = this.text(value);
    this.told.textContent = words;
    this.slider.ariaValueText = words;
    this.draw(value);
  }

  play(on) {
    const played = this.playing;
    this.playing = on;
    this.button.textContent = on ? "❚❚" : "►";
    this.button.title = this.labels?.[on ? "pause" : "play"] ?? "";
    this.button.ariaLabel = this.button.title;
    if (!on) {
      if (played) this.stopped?.(this.value);
      return;
    }
    const [min, max] = [Number(this.slider.min), Number(this.slider.max)];
    if (this.value >= max) this.go(min);
    let before = performance.now();
    const step = (now) => {
      if (!this.playing || !this.bar.isConnected) return;
      const value = this.value + ((now - before) / 1000) * ((max - min) / this.seconds);
      before = now;
      this.go(Math.min(value, max));
      if (value < max) requestAnimationFrame(step);
      else this.play(false);
    };
    requestAnimationFrame(step);
  }
}
