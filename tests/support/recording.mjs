// What a device received, as it wrote it (`--sink file:…`, WebM with VP8 and Opus): the blocks of the file,
// also while it is being written, and the pictures and sound of any part of it.
import { readFileSync } from 'node:fs';

import { run } from './child.mjs';
import { i420 } from './pattern.mjs';
import { RATE_HZ, samplesOf } from './tone.mjs';

const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const TRACK_TYPE = 0x83;
const CODEC_ID = 0x86;
const CLUSTER = 0x1f43b675;
const CLUSTER_TIME = 0xe7;
const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const INSIDE = new Set([SEGMENT, CLUSTER, BLOCK_GROUP, TRACKS]);

/** Walks EBML elements; goes into those of INSIDE and into those of unknown size. */
function* elements(data, start = 0, end = data.length) {
  let at = start;
  while (at + 2 <= end) {
    const idBytes = Math.clz32(data[at]) - 23;
    const sizeAt = at + idBytes;
    if (idBytes > 4 || sizeAt >= end) {
      return;
    }
    const sizeBytes = Math.clz32(data[sizeAt]) - 23;
    const bodyAt = sizeAt + sizeBytes;
    if (sizeBytes > 8 || bodyAt > end) {
      return;
    }
    const id = data.readUIntBE(at, idBytes);
    let size = data[sizeAt] & (0xff >> sizeBytes);
    let isUnknown = size === 0xff >> sizeBytes;
    for (let i = 1; i < sizeBytes; i++) {
      size = size * 256 + data[sizeAt + i];
      isUnknown = isUnknown && data[sizeAt + i] === 0xff;
    }
    const bodyEnd = isUnknown ? end : bodyAt + size;
    if (bodyEnd > end && !INSIDE.has(id)) {
      return; // still being written
    }
    yield { id, at, bodyAt, bodyEnd, body: () => data.subarray(bodyAt, bodyEnd) };
    at = INSIDE.has(id) ? bodyAt : bodyEnd;
  }
}

const unsigned = (body) => body.reduce((value, byte) => value * 256 + byte, 0);

function trackOf(data, entry) {
  const track = {};
  for (const { id, body } of elements(data, entry.bodyAt, entry.bodyEnd)) {
    if (id === TRACK_NUMBER) {
      track.number = unsigned(body());
    } else if (id === TRACK_TYPE) {
      track.kind = unsigned(body()) === 1 ? 'video' : 'audio';
    } else if (id === CODEC_ID) {
      track.codec = body().toString();
    }
  }
  return track;
}

export class Recording {
  /** Reads the whole file as it is now; an incomplete tail is left out. */
  constructor(file) {
    const data = readFileSync(file);
    this.tracks = [];
    this.blocks = []; // {kind, timeMs, isKey, data}
    let clusterMs = 0;
    for (const element of elements(data)) {
      if (element.id === CLUSTER) {
        this.head ??= data.subarray(0, element.at);
      } else if (element.id === CLUSTER_TIME) {
        clusterMs = unsigned(element.body());
      } else if (element.id === TRACK_ENTRY) {
        this.tracks.push(trackOf(data, element));
      } else if (element.id === SIMPLE_BLOCK || element.id === BLOCK) {
        this.#addBlock(element.body(), clusterMs);
      }
    }
  }

  #addBlock(body, clusterMs) {
    const track = this.tracks.find(({ number }) => number === (body[0] & 0x7f));
    const data = body.subarray(4);
    if (track && data.length > 0) {
      const isKey = track.kind === 'audio' || (data[0] & 1) === 0;
      this.blocks.push({ kind: track.kind, number: track.number, timeMs: clusterMs + body.readInt16BE(1), isKey, data });
    }
  }

  of(kind) {
    return this.blocks.filter((block) => block.kind === kind);
  }

  get endMs() {
    return this.blocks.length ? Math.max(...this.blocks.slice(-50).map(({ timeMs }) => timeMs)) : 0;
  }

  /** Longest time between two blocks of a kind whose times are in [fromMs, toMs]. */
  longestGapMs(kind, fromMs = 0, toMs = Infinity) {
    const times = this.of(kind).map(({ timeMs }) => timeMs).filter((ms) => ms >= fromMs && ms <= toMs);
    return times.slice(1).reduce((gap, ms, i) => Math.max(gap, ms - times[i]), 0);
  }

  /** A WebM of some blocks only, in their order. */
  #cut(blocks) {
    const parts = [this.head];
    for (const block of blocks) {
      const time = Buffer.alloc(10);
      time[0] = CLUSTER_TIME;
      time[1] = 0x88;
      time.writeBigUInt64BE(BigInt(Math.max(0, block.timeMs)), 2);
      const lead = Buffer.from([0x80 | block.number, 0, 0, block.isKey ? 0x80 : 0]);
      const simple = Buffer.concat([Buffer.from([SIMPLE_BLOCK]), sizeOf(lead.length + block.data.length), lead, block.data]);
      const id = Buffer.alloc(4);
      id.writeUInt32BE(CLUSTER);
      parts.push(id, sizeOf(time.length + simple.length), time, simple);
    }
    return Buffer.concat(parts);
  }

  /** Decoded pictures of [fromMs, toMs], oldest first: [{timeMs, picture}]. */
  async pictures(fromMs, toMs = Infinity) {
    const video = this.of('video');
    let first = video.length - 1;
    while (first > 0 && !(video[first].isKey && video[first].timeMs <= fromMs)) {
      first--;
    }
    const blocks = video.slice(first).filter(({ timeMs }) => timeMs <= toMs);
    if (blocks.length === 0) {
      return [];
    }
    const size = keyFrameSize(blocks.find(({ isKey }) => isKey));
    const [width, height] = [size.width & ~7, size.height & ~1]; // rows without padding
    const frameBytes = (width * height * 3) / 2;
    const wanted = blocks.filter(({ timeMs }) => timeMs >= fromMs); // what leads to them is decoded and dropped
    const frames = await decode(this.#cut(blocks), [
      'd.video_0', '!', 'queue', '!', 'vp8dec', 'threads=1', '!', 'videoconvert', '!',
      'videoscale', '!', `video/x-raw,format=I420,width=${width},height=${height}`,
    ], wanted.length * frameBytes);
    const count = Math.floor(frames.length / frameBytes);
    return wanted.slice(wanted.length - count).map(({ timeMs }, i) => ({
      timeMs,
      picture: i420(frames.subarray(i * frameBytes, (i + 1) * frameBytes), width, height),
    }));
  }

  async lastPicture() {
    const pictures = await this.pictures(this.endMs - 200);
    return pictures[pictures.length - 1]?.picture;
  }

  /** Decoded sound of [fromMs, toMs] as samples -1 … 1 at 48 kHz, mono. */
  async sound(fromMs, toMs = Infinity) {
    const warmUpMs = 200; // a decoder that starts in the middle needs some packets to settle
    const blocks = this.of('audio').filter(({ timeMs }) => timeMs >= fromMs - warmUpMs && timeMs <= toMs);
    if (blocks.length === 0) {
      return new Float32Array(0);
    }
    const pcm = await decode(this.#cut(blocks), [
      'd.audio_0', '!', 'queue', '!', 'opusdec', '!', 'audioconvert', '!', 'audioresample', '!',
      `audio/x-raw,format=S16LE,rate=${RATE_HZ},channels=1,layout=interleaved`,
    ]);
    const skip = Math.max(0, Math.round(((fromMs - blocks[0].timeMs) * RATE_HZ) / 1000));
    return samplesOf(pcm).subarray(skip);
  }
}

function sizeOf(size) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(size));
  bytes[0] = 0x01;
  return bytes;
}

function keyFrameSize(block) {
  if (!block) {
    throw new Error('no key frame in the recording');
  }
  return { width: block.data.readUInt16LE(6) & 0x3fff, height: block.data.readUInt16LE(8) & 0x3fff };
}

/** What the chain makes of the WebM, raw; the last `lastBytes` of it. */
async function decode(webm, chain, lastBytes) {
  const { code, stdout, stderr } = await run(
    'gst-launch-1.0',
    ['-q', 'fdsrc', 'fd=0', '!', 'matroskademux', 'name=d', ...chain, '!', 'fdsink', 'fd=1'],
    { input: webm, binary: true, lastBytes },
  );
  if (code !== 0) {
    throw new Error(`gst-launch-1.0 could not decode a recording: ${stderr.slice(0, 500)}`);
  }
  return stdout;
}
