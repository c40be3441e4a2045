import type { Demand, Events, Invite, MeetingId, ProtocolClient, Rect } from '../protocol';
import { capture, captureCamera, stopTracks } from './capture';
import { applyDemand, FIRST_DEMAND } from './demand';
import { Health } from './health';
import { inbound, openPeer, type LocalTracks, type Peer } from './peer';

const TICK_MS = 1_000;
const RENEW_FIRST_MS = 2_000;
const RENEW_MOST_MS = 30_000;
/** The old picture stays until the new one moves, but not longer than this. */
const SWAP_MS = 4_000;

export interface MediaState {
  phase: 'idle' | 'connecting' | 'live' | 'broken';
  /** What to show and play. */
  stream: MediaStream | null;
  size: { width: number; height: number; fps: number } | null;
  sending: boolean;
  /** The own seat while sending, else 0. */
  source: number;
  camera: MediaStreamTrack | null;
  microphoneOn: boolean;
  cameraOn: boolean;
  hardMuted: boolean;
  mutedBy: string | null;
  cell: Rect | null;
  /** The view that was chosen here; null: as its audience says. */
  view: number | null;
  /** The server ended our part: `removed` or `replaced`; the page goes on watching. */
  dismissed: 'removed' | 'replaced' | null;
}

const IDLE: MediaState = {
  phase: 'idle',
  stream: null,
  size: null,
  sending: false,
  source: 0,
  camera: null,
  microphoneOn: true,
  cameraOn: true,
  hardMuted: false,
  mutedBy: null,
  cell: null,
  view: null,
  dismissed: null,
};

/** Where the session learns about the server; `Live` is one. */
export interface Surroundings {
  client: ProtocolClient;
  ready: boolean;
  onReady(listener: () => void): () => void;
  /** False while the mixer of the meeting restarts: then silence is no fault of the link. */
  expectsMedia(): boolean;
}

/**
 * The media of this page in one meeting. It watches from the start, sends when asked to, answers
 * every `invite` with a new RTCPeerConnection, and renews the media when it dies. It outlives the
 * WebSocket: a lost socket stops nothing here.
 */
export class MediaSession {
  private current: MediaState = IDLE;
  private peer: Peer | null = null;
  private shown: Peer | null = null;
  private local: LocalTracks = { audio: null, video: null };
  private wantsSend = false;
  private demand: Demand | null = null;
  private health = new Health(0);
  private renewDelayMs = RENEW_FIRST_MS;
  private renewAtMs = 0;
  private isJoining = false;
  private isOver = false;
  private tick: ReturnType<typeof setInterval> | undefined;
  private swapTimer: ReturnType<typeof setTimeout> | undefined;
  private subscriptions: Array<() => void> = [];
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly around: Surroundings,
    readonly meeting: MeetingId,
  ) {}

  readonly state = (): MediaState => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  pc(): RTCPeerConnection | null {
    return this.peer?.pc ?? null;
  }

  start(): void {
    const { client } = this.around;
    const mine =
      <E extends { meeting: MeetingId }>(handler: (event: E) => void) =>
      (event: E): void => {
        if (event.meeting === this.meeting) {
          handler(event);
        }
      };
    this.subscriptions = [
      this.around.onReady(() => void this.join()),
      client.on('invite', mine((invite) => void this.onInvite(invite))),
      client.on('demand', mine((demand) => this.onDemand(demand))),
      client.on('cell', mine(({ cell }) => this.set({ cell }))),
      client.on('mute', mine((mute) => this.onMute(mute))),
      client.on('leave', mine((leave) => this.onLeave(leave))),
      client.on('media.resumed', mine((resumed) => this.onResumed(resumed))),
    ];
    this.tick = setInterval(() => void this.onTick(), TICK_MS);
    if (this.around.ready) {
      void this.join();
    }
  }

  stop(): void {
    this.subscriptions.forEach((off) => off());
    clearInterval(this.tick);
    if (!this.isOver) {
      this.around.client.request('media.leave', { meeting: this.meeting }).catch(() => undefined);
    }
    this.endMedia();
    this.dropLocal();
    this.set(IDLE);
  }

  /** Asks for camera and microphone, then takes a seat. Throws `CaptureError`, `ProtocolError`. */
  async sendCamera(): Promise<void> {
    this.local = await capture();
    this.wantsSend = true;
    this.set({
      camera: this.local.video,
      cameraOn: this.local.video !== null,
      microphoneOn: this.local.audio !== null,
      dismissed: null,
    });
    try {
      await this.join(true);
    } catch (error) {
      this.dropLocal();
      throw error;
    }
  }

  /** Gives the seat back and goes on watching. */
  async stopCamera(): Promise<void> {
    this.dropLocal();
    await this.around.client
      .request('media.leave', { meeting: this.meeting })
      .catch(() => undefined);
    await this.join();
  }

  setMicrophone(on: boolean): void {
    if (this.local.audio) {
      this.local.audio.enabled = on;
      this.set({ microphoneOn: on });
    }
  }

  /** Off means off: the camera's light goes out. */
  async setCamera(on: boolean): Promise<void> {
    if (!this.wantsSend || on === (this.local.video !== null)) {
      return;
    }
    const old = this.local.video;
    const track = on ? await captureCamera() : null;
    if (!this.wantsSend) {
      track?.stop();
      return;
    }
    this.local = { ...this.local, video: track };
    await this.peer?.video.sender.replaceTrack(track).catch(() => undefined);
    old?.stop();
    this.obey();
    this.set({ camera: track, cameraOn: track !== null });
  }

  /** Shows another view here, without changing what anybody else sees. Throws `ProtocolError`. */
  async watch(view: number | null): Promise<void> {
    await this.around.client.request('media.view', { meeting: this.meeting, view });
    this.set({ view });
  }

  /** The page keeps the media it holds over a lost socket: it names it, and is not invited anew. */
  private async join(strict = false): Promise<void> {
    const held = this.peer && this.peer.invite.send === this.wantsSend ? this.peer : null;
    this.isJoining = true;
    try {
      const { source } = await this.around.client.request('media.join', {
        meeting: this.meeting,
        send: this.wantsSend,
        ...(this.current.view !== null && { view: this.current.view }),
        ...(held && { peer: held.invite.peer }),
      });
      this.set({ source, sending: this.wantsSend });
      if (!this.peer) {
        this.set({ phase: 'connecting' });
      }
    } catch (error) {
      if (strict) {
        throw error;
      }
    } finally {
      this.isJoining = false;
    }
  }

  private async onInvite(invite: Invite): Promise<void> {
    const old = this.peer;
    const peer = openPeer(invite, this.local);
    this.peer = peer;
    if (old && old !== this.shown) {
      old.pc.close();
    }
    this.health = new Health(performance.now());
    this.scheduleRenew();
    this.set({
      source: invite.source,
      sending: invite.send,
      hardMuted: invite.muted,
      phase: this.shown ? this.current.phase : 'connecting',
    });
    peer.pc.oniceconnectionstatechange = () => this.onIce(peer);
    peer.video.receiver.track.onunmute = () => this.show(peer);
    try {
      await this.negotiate(peer);
    } catch {
      // The health check finds a session that never connected and asks for another one.
    }
  }

  private async negotiate(peer: Peer): Promise<void> {
    const { pc } = peer;
    await pc.setLocalDescription();
    const { sdp } = await this.around.client.request('media.offer', {
      meeting: this.meeting,
      peer: peer.invite.peer,
      sdp: pc.localDescription?.sdp ?? '',
    });
    if (peer !== this.peer) {
      return;
    }
    await pc.setRemoteDescription({ type: 'answer', sdp });
    this.obey();
    if (this.shown) {
      clearTimeout(this.swapTimer);
      this.swapTimer = setTimeout(() => this.show(peer), SWAP_MS);
    } else {
      this.show(peer);
    }
  }

  /** Puts the picture of `peer` on the screen and lets go of the one before. */
  private show(peer: Peer): void {
    if (peer !== this.peer || peer === this.shown) {
      return;
    }
    clearTimeout(this.swapTimer);
    this.shown?.pc.close();
    this.shown = peer;
    this.set({ stream: peer.stream });
  }

  private onIce(peer: Peer): void {
    if (peer !== this.peer) {
      return;
    }
    const state = peer.pc.iceConnectionState;
    if (state === 'connected' || state === 'completed') {
      this.renewDelayMs = RENEW_FIRST_MS;
      this.set({ phase: 'live' });
      this.obey();
    } else if (state === 'failed' || state === 'disconnected') {
      this.set({ phase: 'broken' });
    }
  }

  private async onTick(): Promise<void> {
    const peer = this.peer;
    if (!peer) {
      return;
    }
    const now = await inbound(peer.pc);
    if (peer !== this.peer) {
      return;
    }
    const size = now.width > 0 ? { width: now.width, height: now.height, fps: now.fps } : null;
    if (JSON.stringify(size) !== JSON.stringify(this.current.size)) {
      this.set({ size });
    }
    const sample = {
      nowMs: performance.now(),
      ice: peer.pc.iceConnectionState,
      bytesReceived: now.bytes,
    };
    if (this.health.isDead(sample, this.around.expectsMedia())) {
      this.set({ phase: 'broken' });
      this.renew();
    } else if (this.current.phase === 'broken' && sample.ice !== 'disconnected') {
      this.set({ phase: 'live' });
    }
  }

  /** At most one renewal at a time, each later than the one before. */
  private renew(): void {
    if (!this.around.ready || this.isJoining || performance.now() < this.renewAtMs) {
      return;
    }
    this.scheduleRenew();
    this.around.client
      .request('media.renew', { meeting: this.meeting })
      .catch(() => this.join());
  }

  private scheduleRenew(): void {
    this.renewAtMs = performance.now() + this.renewDelayMs;
    this.renewDelayMs = Math.min(RENEW_MOST_MS, this.renewDelayMs * 2);
  }

  private onDemand({ width, height, fps, kbps }: Demand): void {
    this.demand = { width, height, fps, kbps };
    this.obey();
  }

  private obey(): void {
    if (this.peer?.invite.send) {
      applyDemand(this.peer.video.sender, this.demand ?? FIRST_DEMAND).catch(() => undefined);
    }
  }

  private onMute({ muted, by }: Events['mute']): void {
    this.set({ hardMuted: muted, mutedBy: muted ? by : null });
  }

  private onResumed(resumed: Events['media.resumed']): void {
    if (resumed.peer === this.peer?.invite.peer) {
      this.set({ source: resumed.source, hardMuted: resumed.muted });
    }
  }

  private onLeave({ reason }: Events['leave']): void {
    if (reason === 'closed') {
      this.isOver = true;
      this.endMedia();
      this.dropLocal();
      this.set(IDLE);
    } else if (this.wantsSend && !this.isJoining) {
      this.dropLocal();
      this.set({ dismissed: reason });
      void this.join();
    }
  }

  private endMedia(): void {
    clearTimeout(this.swapTimer);
    this.peer?.pc.close();
    this.shown?.pc.close();
    this.peer = null;
    this.shown = null;
  }

  private dropLocal(): void {
    stopTracks(this.local);
    this.local = { audio: null, video: null };
    this.wantsSend = false;
    this.demand = null;
    this.set({
      camera: null,
      sending: false,
      source: 0,
      hardMuted: false,
      mutedBy: null,
      cell: null,
    });
  }

  private set(change: Partial<MediaState>): void {
    this.current = { ...this.current, ...change };
    this.listeners.forEach((listener) => listener());
  }
}
