import { describe, expect, it } from 'vitest';
import { encodingFor } from '../src/media/demand';
import { Health } from '../src/media/health';

const camera = { width: 1280, height: 720 };

describe('the encoding for a demand', () => {
  it('scales the camera down to the tile', () => {
    expect(encodingFor({ width: 320, height: 180, fps: 25, kbps: 200 }, camera)).toEqual({
      active: true,
      scaleResolutionDownBy: 4,
      maxFramerate: 25,
      maxBitrate: 200_000,
    });
  });

  it('fits a camera of another shape inside the tile', () => {
    const demand = { width: 320, height: 180, fps: 25, kbps: 200 };
    expect(encodingFor(demand, { width: 640, height: 480 }).scaleResolutionDownBy).toBeCloseTo(2.67);
  });

  it('never scales up, whatever the camera says of itself', () => {
    const demand = { width: 1920, height: 1080, fps: 25, kbps: 2000 };
    expect(encodingFor(demand, camera).scaleResolutionDownBy).toBe(1);
    expect(encodingFor(demand, { width: 0, height: 0 }).scaleResolutionDownBy).toBe(1);
  });

  it('sends nothing when nothing is wanted', () => {
    expect(encodingFor({ width: 0, height: 0, fps: 0, kbps: 0 }, camera)).toEqual({ active: false });
  });
});

describe('the health of media', () => {
  const at = (nowMs: number, ice: RTCIceConnectionState, bytesReceived = 0) => ({
    nowMs,
    ice,
    bytesReceived,
  });

  it('is dead as soon as ICE failed', () => {
    expect(new Health(0).isDead(at(1, 'failed'), true)).toBe(true);
  });

  it('is dead when it has not connected within ten seconds', () => {
    const health = new Health(0);
    expect(health.isDead(at(9_000, 'checking'), true)).toBe(false);
    expect(health.isDead(at(10_001, 'checking'), true)).toBe(true);
  });

  it('survives a short disconnection and not a long one', () => {
    const health = new Health(0);
    expect(health.isDead(at(1_000, 'connected', 10), true)).toBe(false);
    expect(health.isDead(at(2_000, 'disconnected', 20), true)).toBe(false);
    expect(health.isDead(at(3_000, 'connected', 30), true)).toBe(false);
    expect(health.isDead(at(4_000, 'disconnected', 40), true)).toBe(false);
    expect(health.isDead(at(9_001, 'disconnected', 50), true)).toBe(true);
  });

  it('is dead when nothing came for five seconds', () => {
    const health = new Health(0);
    expect(health.isDead(at(1_000, 'connected', 10), true)).toBe(false);
    expect(health.isDead(at(5_500, 'connected', 10), true)).toBe(false);
    expect(health.isDead(at(6_001, 'connected', 10), true)).toBe(true);
  });

  it('waits for a mixer that restarts', () => {
    const health = new Health(0);
    health.isDead(at(1_000, 'connected', 10), true);
    expect(health.isDead(at(30_000, 'connected', 10), false)).toBe(false);
    expect(health.isDead(at(34_000, 'connected', 10), true)).toBe(false);
    expect(health.isDead(at(35_001, 'connected', 10), true)).toBe(true);
  });
});
