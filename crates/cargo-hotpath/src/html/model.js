// The functions and the frames of the flame graph. A frame begins where its caller begins, behind its
// elder siblings.
const KINDS = {
  yours: "yours", dependency: "dependencies", std: "std", allocator: "allocator",
  library: "C and other libraries", kernel: "kernel", unknown: "unknown",
};
const functions = data.functions.map((one, index) => ({ ...one, index, frames: [] }));
const frames = [];
const depths = [];

(function place() {
  const path = [];
  const next = [0];
  data.nodes.depth.forEach((depth, index) => {
    path.length = depth;
    next.length = depth + 1;
    const from = next[depth];
    const total = data.nodes.total[index];
    const fn = functions[data.nodes.function[index]];
    const caller = depth === 0 ? null : path[depth - 1];
    const frame = { index, fn, depth, from, to: from + total, total, own: data.nodes.own[index], caller, callees: [] };
    next[depth] = from + total;
    next.push(from);
    path.push(frame);
    frames.push(frame);
    (depths[depth] ??= []).push(frame);
    fn.frames.push(frame);
    caller?.callees.push(frame);
  });
})();

const whole = Math.max(data.weight, 1);
const shareOf = (weight) => weight / whole;
const exact = (share) => (share === 0 ? "0 %" : `${(share * 100).toFixed(share < 0.0995 ? 2 : 1)} %`);

const thousands = (n) => Math.round(n).toLocaleString("en");
const UNITS = {
  nanoseconds: (n) => seconds(n / 1e9),
  bytes: (n) => (n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : n < 1e9 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(2)} GB`),
};
const amount = (weight) => (UNITS[data.about.unit] ?? thousands)(weight);

// Frames of these functions that are in none of their own: their times add up.
function outermost(wanted) {
  const inside = new Set();
  return frames.filter((frame) => {
    const nested = frame.caller !== null && inside.has(frame.caller);
    const is = wanted(frame.fn);
    if (nested || is) inside.add(frame);
    return is && !nested;
  });
}

// Whom a function is called by, or what it calls: [function, weight], the most first.
function neighbours(fn, side) {
  const weights = new Map();
  for (const frame of outermost((other) => other === fn)) {
    const near = side === "callers" ? [[frame.caller, frame.total]] : frame.callees.map((callee) => [callee, callee.total]);
    for (const [other, weight] of near) {
      if (other && other.fn !== fn) weights.set(other.fn, (weights.get(other.fn) ?? 0) + weight);
    }
  }
  return [...weights].sort((a, b) => b[1] - a[1]);
}
