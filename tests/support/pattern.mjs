// A picture that says which site made it and when, and can still be read after two VP8 encodes in a
// small cell: one of eight hues all over, a row of blocks with the site's number, a row with the
// frame's number. The lower third stays free for the label that the mixer paints.
const HUES = 8;
const CHROMA = 70; // distance from grey
const BACKGROUND_LUMA = 120;
const WHITE = 225;
const BLACK = 25;
const BLOCKS = 8; // a row: white, black, then bits, most significant first
const BLOCK_X = 0.1;
const BLOCK_WIDTH = 0.1;
const SITE_ROW = { y: 0.2, h: 0.18 };
const TIME_ROW = { y: 0.44, h: 0.18 };
const STRIP = { x: 0.1, y: 0.06, w: 0.8, h: 0.1 }; // background only

export const SITES_MAX = 16;
export const TIME_PERIOD = 64; // frames until the frame number repeats

const hueAngle = (hue) => ((hue + 0.5) * 2 * Math.PI) / HUES;
const gray = (number) => number ^ (number >> 1);

/** Bits of the rows' blocks: [white, black, six bits]. */
function siteBits(site) {
  const parity = [0, 1, 2, 3].reduce((sum, bit) => sum ^ ((site >> bit) & 1), 0);
  return [1, 0, ...bitsOf((site << 2) | (parity << 1) | (parity ^ 1), 6)];
}

function timeBits(frame) {
  return [1, 0, ...bitsOf(gray(frame % TIME_PERIOD), 6)];
}

function bitsOf(number, count) {
  return Array.from({ length: count }, (_, i) => (number >> (count - 1 - i)) & 1);
}

/** Paints frame `frame` of `site` (0 … 15) into a new I420 buffer. */
export function paint(site, frame, width, height) {
  const luma = Buffer.alloc(width * height, BACKGROUND_LUMA);
  const chromaSize = (width / 2) * (height / 2);
  const angle = hueAngle(site % HUES);
  const cb = Buffer.alloc(chromaSize, Math.round(128 + CHROMA * Math.cos(angle)));
  const cr = Buffer.alloc(chromaSize, Math.round(128 + CHROMA * Math.sin(angle)));
  const rows = [[SITE_ROW, siteBits(site)], [TIME_ROW, timeBits(frame)]];
  for (const [row, bits] of rows) {
    const top = Math.round(row.y * height);
    const bottom = Math.round((row.y + row.h) * height);
    bits.forEach((bit, i) => {
      const left = Math.round((BLOCK_X + i * BLOCK_WIDTH) * width);
      const right = Math.round((BLOCK_X + (i + 1) * BLOCK_WIDTH) * width);
      for (let y = top; y < bottom; y++) {
        luma.fill(bit ? WHITE : BLACK, y * width + left, y * width + right);
        cb.fill(128, (y >> 1) * (width / 2) + (left >> 1), (y >> 1) * (width / 2) + (right >> 1));
        cr.fill(128, (y >> 1) * (width / 2) + (left >> 1), (y >> 1) * (width / 2) + (right >> 1));
      }
    });
  }
  return Buffer.concat([luma, cb, cr]);
}

/** An I420 picture as what read() wants. */
export function i420(data, width, height) {
  const chroma = width * height;
  const quarter = (width >> 1) * (height >> 1);
  return {
    width,
    height,
    yuv: (x, y) => {
      const at = (y >> 1) * (width >> 1) + (x >> 1);
      return [data[y * width + x], data[chroma + at], data[chroma + quarter + at]];
    },
  };
}

/** RGBA pixels, such as a canvas gives, as what read() wants (BT.601, video range). */
export function rgba(data, width, height) {
  return {
    width,
    height,
    yuv: (x, y) => {
      const [r, g, b] = [0, 1, 2].map((i) => data[(y * width + x) * 4 + i]);
      return [
        16 + 0.257 * r + 0.504 * g + 0.098 * b,
        128 - 0.148 * r - 0.291 * g + 0.439 * b,
        128 + 0.439 * r - 0.368 * g - 0.071 * b,
      ];
    },
  };
}

/** Mean [y, cb, cr] of a rectangle in pixels. */
export function mean(picture, { x, y, w, h }) {
  const step = Math.max(1, Math.floor(Math.min(w, h) / 8));
  const sum = [0, 0, 0];
  let count = 0;
  for (let row = Math.floor(y); row < y + h; row += step) {
    for (let column = Math.floor(x); column < x + w; column += step) {
      picture
        .yuv(Math.min(column, picture.width - 1), Math.min(row, picture.height - 1))
        .forEach((value, i) => {
          sum[i] += value;
        });
      count++;
    }
  }
  return sum.map((value) => value / count);
}

function readRow(picture, area, row) {
  const lumas = Array.from({ length: BLOCKS }, (_, i) => mean(picture, {
    x: area.x + (BLOCK_X + (i + 0.3) * BLOCK_WIDTH) * area.w,
    y: area.y + (row.y + 0.25 * row.h) * area.h,
    w: 0.4 * BLOCK_WIDTH * area.w,
    h: 0.5 * row.h * area.h,
  })[0]);
  const [white, black] = lumas;
  if (white - black < 100) {
    return null;
  }
  const middle = (white + black) / 2;
  return lumas.slice(2).reduce((number, luma) => (number << 1) | (luma > middle ? 1 : 0), 0);
}

/**
 * What stands in a cell (fractions of the picture): { site, frame }, or null where no site's pattern can be
 * read, or its hue is not the one of its number.
 */
export function read(picture, cell) {
  const area = {
    x: cell.x * picture.width,
    y: cell.y * picture.height,
    w: cell.w * picture.width,
    h: cell.h * picture.height,
  };
  const code = readRow(picture, area, SITE_ROW);
  const time = readRow(picture, area, TIME_ROW);
  if (code === null || time === null) {
    return null;
  }
  const site = code >> 2;
  if (siteBits(site).join('') !== [1, 0, ...bitsOf(code, 6)].join('')) {
    return null;
  }
  const [, cb, cr] = mean(picture, {
    x: area.x + STRIP.x * area.w,
    y: area.y + STRIP.y * area.h,
    w: STRIP.w * area.w,
    h: STRIP.h * area.h,
  });
  const off = Math.atan2(cr - 128, cb - 128) - hueAngle(site % HUES);
  const hueError = Math.abs(Math.atan2(Math.sin(off), Math.cos(off)));
  if (hueError > Math.PI / HUES || Math.hypot(cr - 128, cb - 128) < CHROMA / 2) {
    return null;
  }
  return { site, frame: ungray(time) };
}

function ungray(code) {
  let number = 0;
  for (let rest = code; rest; rest >>= 1) {
    number ^= rest;
  }
  return number;
}

/** Frames from `before` to `after` of one site. */
export const framesBetween = (before, after) => (after - before + TIME_PERIOD) % TIME_PERIOD;
