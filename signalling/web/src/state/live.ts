import { ProtocolError, type MeetingId, type ProtocolClient, type Voice } from '../protocol';
import {
  EMPTY,
  fromWatch,
  withMeeting,
  withoutMeeting,
  withoutSeat,
  withSeat,
  withSite,
  type Model,
} from './model';

/** Events of one burst (207 sites joining) become one render. */
const BATCH_MS = 40;
/** The server reports voices up to 4 times a second; silence is the absence of a report. */
const VOICE_FADE_MS = 900;

type Listener = () => void;

/**
 * The live copy of the server's state: fetched anew after every connection, then kept current by
 * events. React reads it through the hooks beside this file.
 */
export class Live {
  private current: Model = EMPTY;
  private isReady = false;
  private batch: ReturnType<typeof setTimeout> | undefined;
  private fade: ReturnType<typeof setTimeout> | undefined;
  private voicesNow: { meeting: MeetingId; voices: readonly Voice[] } = { meeting: 0, voices: [] };
  private readonly listeners = new Set<Listener>();
  private readonly voiceListeners = new Set<Listener>();
  private readonly readyListeners = new Set<Listener>();
  private subscriptions: Array<() => void> = [];

  /** `onDoubt` is called when the login may have ended: after each lost socket, and on a refusal. */
  constructor(
    readonly client: ProtocolClient,
    private readonly onDoubt: () => void,
  ) {}

  start(): void {
    const { client } = this;
    this.subscriptions = [
      client.onStatus(() => this.onStatus()),
      client.on('site', ({ site }) => this.set(withSite(this.current, site))),
      client.on('sites', ({ sites }) => this.set({ ...this.current, sites })),
      client.on('meeting', ({ meeting }) => this.set(withMeeting(this.current, meeting))),
      client.on('seat', ({ meeting, seat }) => this.set(withSeat(this.current, meeting, seat))),
      client.on('seat.removed', ({ meeting, source }) =>
        this.set(withoutSeat(this.current, meeting, source)),
      ),
      client.on('meeting.closed', ({ meeting }) =>
        this.set(withoutMeeting(this.current, meeting)),
      ),
      client.on('voices', ({ meeting, voices }) => this.setVoices(meeting, voices)),
    ];
    client.start();
  }

  stop(): void {
    this.subscriptions.forEach((off) => off());
    this.subscriptions = [];
    clearTimeout(this.batch);
    clearTimeout(this.fade);
    this.batch = undefined;
    this.isReady = false;
    this.client.stop();
  }

  readonly model = (): Model => this.current;

  readonly voices = (): { meeting: MeetingId; voices: readonly Voice[] } => this.voicesNow;

  /** True from the first complete picture after each connection until that connection is lost. */
  get ready(): boolean {
    return this.isReady;
  }

  readonly subscribe = (listener: Listener): (() => void) => add(this.listeners, listener);

  readonly subscribeVoices = (listener: Listener): (() => void) =>
    add(this.voiceListeners, listener);

  /** Calls `listener` each time everything has been fetched anew. */
  readonly onReady = (listener: Listener): (() => void) => add(this.readyListeners, listener);

  private onStatus(): void {
    const status = this.client.status;
    if (status.phase === 'open') {
      void this.watch();
    } else if (this.isReady) {
      this.isReady = false;
      this.notify();
    }
    if (status.phase === 'waiting') {
      this.onDoubt();
    }
  }

  private async watch(): Promise<void> {
    try {
      const reply = await this.client.request('page.watch', {});
      this.isReady = true;
      this.set(fromWatch(reply));
      this.readyListeners.forEach((listener) => listener());
    } catch (error) {
      if (error instanceof ProtocolError && error.code !== 'disconnected') {
        this.onDoubt();
      }
    }
  }

  private set(model: Model): void {
    this.current = model;
    this.notify();
  }

  private notify(): void {
    this.batch ??= setTimeout(() => {
      this.batch = undefined;
      this.listeners.forEach((listener) => listener());
    }, BATCH_MS);
  }

  private setVoices(meeting: MeetingId, voices: readonly Voice[]): void {
    clearTimeout(this.fade);
    this.voicesNow = { meeting, voices };
    this.voiceListeners.forEach((listener) => listener());
    if (voices.length > 0) {
      this.fade = setTimeout(() => this.setVoices(meeting, []), VOICE_FADE_MS);
    }
  }
}

function add(set: Set<Listener>, listener: Listener): () => void {
  set.add(listener);
  return () => set.delete(listener);
}
