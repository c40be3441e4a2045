/** Two soft notes, up when something begins and down when it ends. Silent where the browser forbids it. */
export function chime(isBeginning: boolean): void {
  const notes = isBeginning ? [660, 880] : [880, 660];
  try {
    const context = new AudioContext();
    const gain = context.createGain();
    gain.connect(context.destination);
    notes.forEach((hz, i) => {
      const start = context.currentTime + i * 0.18;
      const note = context.createOscillator();
      note.frequency.value = hz;
      note.connect(gain);
      note.start(start);
      note.stop(start + 0.16);
    });
    gain.gain.setValueAtTime(0.08, context.currentTime);
    gain.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.5);
    setTimeout(() => void context.close(), 1_000);
  } catch {
    // No sound device: the banner says it too.
  }
}
