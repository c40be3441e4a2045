// What a page's program picture and sound are, measured inside the page. Each function here runs in the
// browser (Chromium and Firefox alike): it may use nothing from outside itself.

/** Pixels of the program video, scaled: { width, height, rgba (base64) }, or null before the first frame. */
export function grabProgram() {
  const video = document.querySelector('[data-testid="program"]');
  if (!video || video.videoWidth === 0) {
    return null;
  }
  const [width, height] = [960, 540];
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  let text = '';
  for (let at = 0; at < data.length; at += 32768) {
    text += String.fromCharCode(...data.subarray(at, at + 32768));
  }
  return { width, height, rgba: btoa(text) };
}

/** Sums of getStats() that matter: frames, bytes, audio energy, and the time they were taken. */
export async function grabStats() {
  const pc = window.diemcau?.pc();
  if (!pc) {
    return null;
  }
  const found = { atMs: performance.now(), ice: pc.iceConnectionState, frames: 0, audioEnergy: 0, audioPackets: 0, audioWaitS: 0, audioSamples: 0, freezes: 0, width: 0, height: 0 };
  (await pc.getStats()).forEach((entry) => {
    if (entry.type !== 'inbound-rtp') {
      return;
    }
    if (entry.kind === 'video') {
      found.frames += entry.framesDecoded ?? 0;
      found.freezes += entry.freezeCount ?? 0;
      found.width = entry.frameWidth ?? 0;
      found.height = entry.frameHeight ?? 0;
    } else {
      found.audioEnergy += entry.totalAudioEnergy ?? 0;
      found.audioPackets += entry.packetsReceived ?? 0;
      found.audioWaitS += entry.jitterBufferDelay ?? 0;
      found.audioSamples += entry.jitterBufferEmittedCount ?? 0;
    }
  });
  return found;
}

/** Levels in dB of some tones in the sound of the program video. */
export async function grabTones(tonesHz) {
  const video = document.querySelector('[data-testid="program"]');
  const ear = (window.testEar ??= {});
  if (ear.stream !== video.srcObject) {
    ear.context ??= new AudioContext();
    ear.node?.disconnect();
    ear.stream = video.srcObject;
    ear.node = ear.context.createMediaStreamSource(video.srcObject);
    ear.analyser = new AnalyserNode(ear.context, { fftSize: 16384, smoothingTimeConstant: 0 });
    ear.node.connect(ear.analyser);
  }
  void ear.context.resume(); // Firefox without a sound device never answers
  const bins = new Float32Array(ear.analyser.frequencyBinCount);
  ear.analyser.getFloatFrequencyData(bins);
  const binHz = ear.context.sampleRate / ear.analyser.fftSize;
  return tonesHz.map((hz) => {
    const at = Math.round(hz / binHz);
    return Math.max(-200, ...bins.subarray(Math.max(0, at - 2), at + 3));
  });
}

/**
 * Clicks on `testId` while the program is loud, and resolves with the milliseconds from then until its sound is below
 * `quietDb` for 300 ms; null: not in time.
 */
export async function timeToSilence({ testId, quietDb, deadlineMs }) {
  const { context, node } = window.testEar;
  const analyser = new AnalyserNode(context, { fftSize: 512, smoothingTimeConstant: 0 });
  node.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const levelDb = () => {
    analyser.getFloatTimeDomainData(samples);
    return 10 * Math.log10(samples.reduce((sum, value) => sum + value * value, 0) / samples.length + 1e-12);
  };
  // In a pause between two words there would be silence at once, whatever the press does.
  const loudBy = performance.now() + deadlineMs;
  while (levelDb() < quietDb + 20 && performance.now() < loudBy) {
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  document.querySelector(`[data-testid="${testId}"]`).click();
  const startMs = performance.now();
  let quietMs = null;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const nowMs = performance.now() - startMs;
      quietMs = levelDb() < quietDb ? (quietMs ?? nowMs) : null;
      if ((quietMs !== null && nowMs - quietMs > 300) || nowMs > deadlineMs) {
        clearInterval(timer);
        node.disconnect(analyser);
        resolve(nowMs > deadlineMs ? null : Math.round(quietMs));
      }
    }, 4);
  });
}

/**
 * The same by the decoder's own account, for a browser without a sound device: milliseconds from the click on `testId`
 * until the sound has a hundredth of its power before, for 100 ms; null: not in time.
 */
export async function timeToNoEnergy({ testId, deadlineMs }) {
  const pc = window.diemcau.pc();
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const read = async () => {
    const found = { energy: 0, seconds: 0, atMs: performance.now() };
    (await pc.getStats()).forEach((entry) => {
      if (entry.type === 'inbound-rtp' && entry.kind === 'audio') {
        found.energy += entry.totalAudioEnergy ?? 0;
        found.seconds += entry.totalSamplesDuration ?? 0;
      }
    });
    return found;
  };
  const power = (from, to) => (to.energy - from.energy) / Math.max(to.seconds - from.seconds, 1e-3);
  let last = await read();
  await pause(500);
  const loud = power(last, (last = await read()));
  document.querySelector(`[data-testid="${testId}"]`).click();
  const startMs = performance.now();
  let quietMs = null;
  while (performance.now() - startMs < deadlineMs) {
    await pause(20);
    const now = await read();
    if (now.seconds - last.seconds < 0.02) {
      continue; // nothing was played meanwhile
    }
    const isQuiet = power(last, now) < loud / 100;
    quietMs = isQuiet ? (quietMs ?? last.atMs - startMs) : null;
    if (quietMs !== null && now.atMs - startMs - quietMs > 100) {
      return Math.round(quietMs);
    }
    last = now;
  }
  return null;
}
