// Debian's Chromium with a camera and a microphone that can be recognised.
import { chromium } from 'playwright-core';

import { cameraFiles } from '../support/input.mjs';

export const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
];

/** `camera`: the pattern and tone (0 … 15) that its camera and microphone give. */
export async function launchChromium({ camera } = {}) {
  const files = camera === undefined ? null : await cameraFiles(camera);
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...ARGUMENTS,
      ...(files ? [`--use-file-for-fake-video-capture=${files.video}`, `--use-file-for-fake-audio-capture=${files.audio}`] : []),
    ],
  });
}
