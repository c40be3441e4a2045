/** What is seen of one RTCPeerConnection at one moment; times are `performance.now()`. */
export interface Sample {
  nowMs: number;
  ice: RTCIceConnectionState;
  bytesReceived: number;
}

const STALL_MS = 5_000;
const CONNECT_MS = 10_000;

/**
 * Decides when media is dead and must be renewed: ICE failed, ICE disconnected for 5 s, nothing
 * received for 5 s, or never connected within 10 s.
 */
export class Health {
  private bytes = 0;
  private movedMs: number;
  private brokenSinceMs: number | null = null;
  private wasConnected = false;

  constructor(private readonly startedMs: number) {
    this.movedMs = startedMs;
  }

  /** `expectBytes` is false while nothing can come, e.g. because the mixer restarts. */
  isDead(sample: Sample, expectBytes: boolean): boolean {
    const { nowMs, ice } = sample;
    if (ice === 'connected' || ice === 'completed') {
      this.wasConnected = true;
      this.brokenSinceMs = null;
    } else if (ice === 'disconnected') {
      this.brokenSinceMs ??= nowMs;
    }
    if (sample.bytesReceived !== this.bytes || !expectBytes) {
      this.bytes = sample.bytesReceived;
      this.movedMs = nowMs;
    }
    if (ice === 'failed' || ice === 'closed') {
      return true;
    }
    if (!this.wasConnected) {
      return nowMs - this.startedMs > CONNECT_MS;
    }
    const broken = this.brokenSinceMs !== null && nowMs - this.brokenSinceMs > STALL_MS;
    return broken || nowMs - this.movedMs > STALL_MS;
  }
}
