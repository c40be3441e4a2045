// Tones: one per site, told apart again with Goertzel.
export const RATE_HZ = 48_000;

// No sum or difference of up to three of them lies within 25 Hz of another: what a codec or limiter
// adds to the others must not be taken for a tone.
const TONES_HZ = [400, 600, 770, 1025, 1250, 1700, 1995, 2525];

/** Tone of site 0 … 15; only the first eight are safe beside each other. */
export const toneHz = (site) => TONES_HZ[site] ?? 3400 + 150 * (site - TONES_HZ.length);

/** One channel of S16LE. */
export function tonePcm(hz, seconds, amplitude = 0.25) {
  const count = Math.round(seconds * RATE_HZ);
  const data = Buffer.alloc(count * 2);
  for (let i = 0; i < count; i++) {
    data.writeInt16LE(Math.round(amplitude * 32767 * Math.sin((2 * Math.PI * hz * i) / RATE_HZ)), i * 2);
  }
  return data;
}

/** Level of one tone in dBFS; `samples` are -1 … 1; Hann window, so 150 Hz apart is apart. */
export function toneDb(samples, hz) {
  const count = samples.length;
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / RATE_HZ);
  let [before, last, weight] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / count);
    weight += window;
    [before, last] = [last, samples[i] * window + coefficient * last - before];
  }
  const power = last * last + before * before - coefficient * last * before;
  return 20 * Math.log10((2 * Math.sqrt(Math.max(power, 0))) / weight + 1e-9);
}

const BESIDE_HZ = [-30, -24, -18, -12, 12, 18, 24, 30];

/**
 * How far a tone stands out of what is beside it, dB: far above 20 for a tone that is there, seldom above 6 for one that
 * is not, however loud the noise that a codec makes of the others.
 */
export const standsOutDb = (samples, hz) =>
  toneDb(samples, hz) - Math.max(...BESIDE_HZ.map((offset) => toneDb(samples, hz + offset)));

export function rmsDb(samples) {
  const sum = samples.reduce((total, value) => total + value * value, 0);
  return 20 * Math.log10(Math.sqrt(sum / Math.max(1, samples.length)) + 1e-9);
}

/** S16LE mono as -1 … 1. */
export function samplesOf(pcm) {
  const samples = new Float32Array(pcm.length >> 1);
  for (let i = 0; i < samples.length; i++) {
    samples[i] = pcm.readInt16LE(i * 2) / 32768;
  }
  return samples;
}

export function wav(pcm) {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + pcm.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE_HZ, 24);
  head.writeUInt32LE(RATE_HZ * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(pcm.length, 40);
  return Buffer.concat([head, pcm]);
}
