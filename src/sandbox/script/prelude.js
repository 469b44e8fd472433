// What a script finds beside the language: a console, a clock that stands still, dice that fall the same every time.
((say, now, seed) => {
  const { stringify } = JSON;
  const text = String;
  const LONGEST = 4096;
  const shown = (value) => {
    try {
      if (typeof value === 'string') return value;
      if (value instanceof Error) return `${value.name}: ${value.message}`;
      return stringify(value) ?? text(value);
    } catch {
      return '(cannot be shown)';
    }
  };
  const line = (level) => (...parts) => {
    say(level, parts.map(shown).join(' ').slice(0, LONGEST).toWellFormed());
  };
  const [debug, info, warn, error] = ['debug', 'info', 'warn', 'error'].map(line);
  globalThis.console = { debug, trace: debug, log: info, info, warn, error };

  const Moving = Date;
  Moving.now = () => now;
  globalThis.Date = new Proxy(Moving, {
    apply: () => new Moving(now).toString(),
    construct: (target, given, as) => Reflect.construct(target, given.length ? given : [now], as),
  });
  Moving.prototype.constructor = globalThis.Date;
  globalThis.performance = { now: () => 0, timeOrigin: now };

  let state = seed | 1;
  const draw = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let round = 0; round < 8; round += 1) draw();
  Math.random = () => ((draw() >>> 5) * 0x4000000 + (draw() >>> 6)) / 0x20000000000000;
})
