import { readFileSync } from 'node:fs';

/** Preloaded into the product: its clock is the machine's, off by so many milliseconds as a file says. Timers run on. */
const Real = Date;
let offMs = 0;
setInterval(() => {
  try {
    offMs = Number(readFileSync(process.env.CLOCK_FILE, 'utf8')) || 0;
  } catch {
    offMs = 0;
  }
}, 50).unref();

globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length > 0) super(...given);
    else super(Real.now() + offMs);
  }
  // Its own, for whoever wraps the clock once more.
  static UTC = Real.UTC;
  static parse = Real.parse;
  static now() {
    return Real.now() + offMs;
  }
};
