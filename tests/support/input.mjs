// Input that can be recognised at the other end, made once and kept in build/test-input: for each site a
// Matroska clip of its pattern and its tone, and for a browser's fake camera the same as Y4M and WAV.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';

import { INPUT_DIR } from './paths.mjs';
import { paint } from './pattern.mjs';
import { tonePcm, toneHz, wav } from './tone.mjs';

const VERSION = 3
const FPS = 25;
// Whole periods of the frame number and of every tone: the loop has no seam.
const LOOP_FRAMES = 512;
const LOOP_S = LOOP_FRAMES / FPS;
const [WIDTH, HEIGHT] = [640, 360];
const CAMERA_FRAMES = 128;

// Flash and beep: white and loud for the first 0.2 s of every 2 s.
const FLASH_LOOP_FRAMES = 500;
const FLASH_EVERY_S = 2;
const FLASH_S = 0.2;
const FLASH_HZ = 1000;
const isFlash = (seconds) => seconds % FLASH_EVERY_S < FLASH_S - 1e-9;

function paintFlash(frame) {
  const picture = Buffer.alloc((WIDTH * HEIGHT * 3) / 2, 128);
  picture.fill(isFlash(frame / FPS) ? 225 : 40, 0, WIDTH * HEIGHT);
  return picture;
}

function beepPcm() {
  const pcm = tonePcm(FLASH_HZ, FLASH_LOOP_FRAMES / FPS, 0.4);
  for (let i = 0; i < pcm.length / 2; i++) {
    if (!isFlash(i / 48_000)) {
      pcm.writeInt16LE(0, i * 2);
    }
  }
  return pcm;
}

async function writeFrames(stream, paintFrame, frames) {
  for (let frame = 0; frame < frames; frame++) {
    if (!stream.write(paintFrame(frame))) {
      await once(stream, 'drain');
    }
  }
}

const making = new Map(); // several may ask for the same file at once

function make(name, build) {
  const file = path.join(INPUT_DIR, `v${VERSION}-${name}`);
  if (existsSync(file)) {
    return file;
  }
  if (!making.has(name)) {
    mkdirSync(INPUT_DIR, { recursive: true });
    const draft = `${file}.${process.pid}`;
    making.set(name, Promise.resolve(build(draft)).then(() => {
      renameSync(draft, file);
      return file;
    }));
  }
  return making.get(name);
}

const soundFile = (site, isSilent) => make(`${isSilent ? 'silent' : `tone-${site}`}.wav`, (file) => {
  writeFileSync(file, wav(tonePcm(toneHz(site), LOOP_S, isSilent ? 0 : 0.12)));
});

async function encodeClip(paintFrame, frames, sound, file) {
  const gst = spawn('gst-launch-1.0', [
    '-q', 'matroskamux', 'name=mux', '!', 'filesink', `location=${file}`,
    'fdsrc', 'fd=0', '!', 'rawvideoparse', 'format=i420', `width=${WIDTH}`, `height=${HEIGHT}`,
    `framerate=${FPS}/1`, '!', 'jpegenc', 'quality=90', '!',
    'queue', 'max-size-time=0', 'max-size-buffers=0', '!', 'mux.',
    'filesrc', `location=${sound}`, '!', 'wavparse', '!',
    'audiobuffersplit', 'output-buffer-duration=1/50', '!', 'queue', '!', 'mux.',
  ], { stdio: ['pipe', 'inherit', 'inherit'] });
  const closed = once(gst, 'close');
  gst.stdin.on('error', () => {});
  await Promise.race([writeFrames(gst.stdin, paintFrame, frames), closed]);
  gst.stdin.end();
  const [code] = await closed;
  if (code !== 0) {
    throw new Error(`gst-launch-1.0 could not make ${file}: exit ${code}`);
  }
}

/** The clip of site 0 … 15, with its tone or silent. */
export async function siteClip(site, { isSilent = false } = {}) {
  const sound = await soundFile(site, isSilent);
  return make(`site-${site}${isSilent ? '-silent' : ''}.mkv`, (file) => encodeClip((frame) => paint(site, frame, WIDTH, HEIGHT), LOOP_FRAMES, sound, file));
}

/** A clip whose picture flashes when its sound beeps, every two seconds. */
export async function flashClip() {
  const sound = await make('beep.wav', (file) => writeFileSync(file, wav(beepPcm())));
  return make('flash.mkv', (file) => encodeClip(paintFlash, FLASH_LOOP_FRAMES, sound, file));
}

/** { video, audio }: files for Chromium's fake camera and microphone. */
export async function cameraFiles(site) {
  const video = await make(`camera-${site}.y4m`, async (file) => {
    const stream = createWriteStream(file);
    stream.write(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FPS}:1 Ip A1:1 C420jpeg\n`);
    for (let frame = 0; frame < CAMERA_FRAMES; frame++) {
      stream.write('FRAME\n');
      if (!stream.write(paint(site, frame, WIDTH, HEIGHT))) {
        await once(stream, 'drain');
      }
    }
    stream.end();
    await once(stream, 'close');
  });
  return { video, audio: await soundFile(site, false) };
}
