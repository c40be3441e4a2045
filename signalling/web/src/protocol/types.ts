/** The vocabulary of signalling/PROTOCOL.md, in its order. Field names are those of the wire. */

import { INVITATION_REQUEST_NAMES, type InvitationRequests } from './invitations';
import { PLAN_REQUEST_NAMES, type Plan, type PlanRequests } from './plans';
import { READINESS_REQUEST_NAMES, type Readiness, type ReadinessRequests } from './readiness';

/** The number of a meeting, as the server gives it. */
export type MeetingId = number;

export const TIERS = ['central', 'province', 'agency', 'district', 'commune'] as const;
export type Tier = (typeof TIERS)[number];

export type Role = 'host' | 'technician' | 'admin';

export interface User {
  name: string;
  role: Role;
}

export interface Site {
  code: string;
  name: string;
  tier: Tier;
  parent: string | null;
  online: boolean;
  /** True when a device is enrolled for the site, whether or not it is on. */
  device: boolean;
  meeting: MeetingId | null;
}

/** Fractions of the composed picture, 0 … 1. */
export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface LayoutCell extends Rect {
  role: string;
}

export interface Layout {
  name: string;
  title: { vi: string; en: string };
  cells: LayoutCell[];
}

export type SeatState = 'calling' | 'connecting' | 'joined' | 'lost' | 'missing';
export type MissingReason = 'offline' | 'busy' | 'no_answer' | 'refused' | 'media_failed';

/** What is wrong with a seat's picture or sound. */
export type Trouble = 'dark' | 'covered' | 'frozen' | 'howling' | 'silent_mic' | 'quarantined';

export interface Seat {
  source: number;
  /** The site's code; null for a user who joined with a camera. */
  site: string | null;
  name: string;
  tier: Tier | null;
  state: SeatState;
  reason: MissingReason | null;
  muted: boolean;
  video: 'live' | 'none' | 'off';
  /** The view it watches; `cell` is its place in that one. */
  view: number;
  cell: Rect | null;
  trouble: Trouble[];
  /** Seconds it has been heard. */
  talk_s: number;
  mark: RollMark | null;
}

export const ROLL_MARKS = ['present', 'absent', 'late', 'left_early'] as const;
export type RollMarkName = (typeof ROLL_MARKS)[number];

/** What the roll says of a seat. */
export interface RollMark {
  mark: RollMarkName;
  by: 'chair' | 'button' | 'voice';
  reason: string;
  at_ms: number;
}

/** A raised hand; the list of them is the speaking queue. */
export interface Hand {
  source: number;
  raised_ms: number;
}

export interface Rung {
  id: number;
  codec: 'VP8' | 'H264';
  width: number;
  height: number;
  fps: number;
  kbps: number;
}

/** Who watches a view: everybody, the chair, a tier, a site with all below it, or chosen sites. */
export type Audience = 'everyone' | 'chair' | `tier:${string}` | `branch:${string}` | { sites: string[] };

/** What is written around the cells of a view. */
export interface ViewText {
  /** The message under the picture; null: none. */
  banner: string | null;
  clock: boolean;
  show_title: boolean;
}

/** Characters of a banner. */
export const BANNER_MAX = 300;

/** One composed picture of a meeting, who watches it, and the qualities it is made in. */
export interface View extends ViewText {
  id: number;
  name: string;
  layout: string;
  audience: Audience;
  rungs: Rung[];
}

/** What `view.set` takes: what is absent in a new view is as usual. */
export interface ViewWish extends Partial<Omit<View, 'layout' | 'audience'>> {
  layout: string;
  audience: Audience;
}

/** A set of views from the configuration; `views` is how many. */
export interface Preset {
  name: string;
  title: { vi: string; en: string };
  views: number;
}

export const STREAM_ROLES = ['publish', 'watch'] as const;
export type StreamRole = (typeof STREAM_ROLES)[number];

/** What lets an encoder in, or a player; the token itself is told once, when it is made. */
export interface StreamToken {
  stream: number;
  role: StreamRole;
  name: string;
  expires_ms: number;
  made_by: string;
}

/** The media of one seat in the last second: `in` is what it sends, `out` what it is sent. */
export interface Stats {
  source: number;
  loss_in_pct: number;
  loss_out_pct: number;
  rtt_ms: number | null;
  in_kbps: number;
  out_kbps: number;
  /** The rung it is sent; null: no picture. */
  rung: number | null;
}

/** Why nothing of a recording reaches the disk. */
export type RecordingAlarm = 'full' | 'disk' | 'stalled' | 'slow';

export interface Recording {
  id: number;
  meeting: MeetingId;
  view: number;
  title: string;
  state: 'recording' | 'finishing' | 'done' | 'failed';
  alarm: RecordingAlarm | null;
  reason: 'stopped' | 'closed' | 'view' | 'restart' | null;
  by: string;
  started_ms: number;
  ended_ms: number | null;
  bytes: number;
  duration_ms: number;
  gap_ms: number;
}

export interface MeetingHead {
  id: MeetingId;
  title: string;
  layout: string;
  spotlight: number | null;
  chair: number | null;
  floor: number | null;
  /** When the floor was given, by the server's clock. */
  floor_since_ms: number | null;
  speaking_limit_s: number | null;
  hands: Hand[];
  /** Who comes new is muted. */
  muted_all: boolean;
  roll: { state: 'idle' | 'running' | 'done'; source: number | null; started_ms: number | null };
  opened_ms: number;
  mixer: 'starting' | 'up' | 'down';
  picture: { width: number; height: number };
  views: View[];
  recording: boolean;
  /** Those that are on. */
  recordings: Recording[];
}

export interface Meeting extends MeetingHead {
  seats: Seat[];
}

/** Level in −dBov: 0 is loudest, 127 is silence. */
export interface Voice {
  source: number;
  level: number;
}

/** What the mixer wants from this sender; all 0 means: send no video. */
export interface Demand {
  width: number;
  height: number;
  fps: number;
  kbps: number;
}

export interface Invite {
  meeting: MeetingId;
  title: string;
  source: number;
  peer: number | string;
  muted: boolean;
  send: boolean;
}

/** A short message: of the chair to an audience, or (`source`) of a seat to whoever leads. */
export interface Note {
  id: number;
  at_ms: number;
  from: string;
  source: number | null;
  to: Audience | null;
  text: string;
}

/** A meeting that was held, or is. */
export interface Past {
  id: MeetingId;
  title: string;
  opened_ms: number;
  closed_ms: number | null;
  opened_by: string;
  sites: number;
}

export const REPORT_STATUSES = ['present', 'late', 'left_early', 'absent'] as const;
export type ReportStatus = (typeof REPORT_STATUSES)[number];

export interface ReportRow {
  agency: string;
  site: string;
  name: string;
  tier: string;
  status: ReportStatus;
  reason: string;
  by_chair: boolean;
  joined_ms: number | null;
  until_ms: number | null;
  present_s: number;
  talk_s: number;
  drops: number;
}

/** Who attended a meeting; those of one agency together. */
export interface Report {
  meeting: MeetingId;
  title: string;
  opened_by: string;
  opened_ms: number;
  closed_ms: number | null;
  counts: Record<ReportStatus, number>;
  rows: ReportRow[];
}

export const REHEARSAL_PROFILES = ['plenary', 'wall', 'storm', 'churn', 'lossy'] as const;
export type RehearsalProfile = (typeof REHEARSAL_PROFILES)[number];

/** A load test with simulated sites, beside the real ones. */
export interface Rehearsal {
  state: 'idle' | 'running' | 'done' | 'failed';
  profile: RehearsalProfile | null;
  sites: number;
  seconds: number;
  /** The latest line of the load test. */
  progress: string;
  pass: boolean | null;
  /** Who or what ended it before its time. */
  stopped: string | null;
  report: boolean;
}

export const ERROR_CODES = [
  'bad_json',
  'bad_field',
  'unknown_type',
  'not_allowed',
  'wrong_state',
  'not_found',
  'conflict',
  'limit',
  'bad_sdp',
  'unavailable',
  'bad_credentials',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

type Nothing = Record<never, never>;

/** Every request this page sends: its fields and the fields of its `ok`. */
export interface Requests extends PlanRequests, ReadinessRequests, InvitationRequests {
  ping: { fields: Nothing; reply: { time_ms: number } };
  'page.watch': {
    fields: Nothing;
    reply: { user: User; sites: Site[]; meetings: Meeting[]; layouts: Layout[]; presets: Preset[] };
  };
  'meeting.open': {
    fields: Pick<Plan, 'title' | 'sites'> & Partial<Plan>;
    reply: { meeting: MeetingId };
  };
  'meeting.close': { fields: { meeting: MeetingId }; reply: Nothing };
  'meeting.layout': { fields: { meeting: MeetingId; layout: string; view?: number }; reply: Nothing };
  'meeting.spotlight': { fields: { meeting: MeetingId; source: number | null }; reply: Nothing };
  /** What is absent stays as it is. */
  'view.banner': { fields: { meeting: MeetingId; view: number } & Partial<ViewText>; reply: Nothing };
  'seat.mute': { fields: { meeting: MeetingId; source: number; muted: boolean }; reply: Nothing };
  'seat.mute_all': {
    fields: { meeting: MeetingId; except: number[]; muted?: boolean };
    reply: Nothing;
  };
  'meeting.floor': { fields: { meeting: MeetingId; source: number | null }; reply: Nothing };
  'floor.next': { fields: { meeting: MeetingId }; reply: { source: number | null } };
  'floor.limit': {
    fields: { meeting: MeetingId; speaking_limit_s: number | null };
    reply: Nothing;
  };
  /** Without `source`: the own hand. */
  'hand.raise': { fields: { meeting: MeetingId; source?: number }; reply: { place: number } };
  'hand.lower': { fields: { meeting: MeetingId; source?: number }; reply: Nothing };
  'hand.move': { fields: { meeting: MeetingId; source: number; place: number }; reply: Nothing };
  'roll.start': { fields: { meeting: MeetingId }; reply: Nothing };
  'roll.call': {
    fields: { meeting: MeetingId; source?: number };
    reply: { source: number | null };
  };
  'roll.stop': { fields: { meeting: MeetingId }; reply: Nothing };
  'roll.mark': {
    fields: { meeting: MeetingId; source: number; mark: RollMarkName | null; reason?: string };
    reply: Nothing;
  };
  'roll.answer': { fields: { meeting: MeetingId }; reply: Nothing };
  'seat.add': { fields: { meeting: MeetingId; sites: string[] }; reply: Nothing };
  'seat.remove': { fields: { meeting: MeetingId; source: number }; reply: Nothing };
  'seat.release': { fields: { meeting: MeetingId; source: number }; reply: Nothing };
  'seat.call': { fields: { meeting: MeetingId; source: number }; reply: Nothing };
  /** `peer` names the media session this page still holds after it lost the socket. */
  'media.join': {
    fields: { meeting: MeetingId; send: boolean; view?: number; peer?: Invite['peer'] };
    reply: { source: number };
  };
  'media.leave': { fields: { meeting: MeetingId }; reply: Nothing };
  'media.offer': {
    fields: { meeting: MeetingId; peer: Invite['peer']; sdp: string };
    reply: { sdp: string };
  };
  'media.renew': { fields: { meeting: MeetingId }; reply: Nothing };
  'media.view': { fields: { meeting: MeetingId; view: number | null }; reply: { view: number } };
  'view.list': { fields: { meeting: MeetingId }; reply: { views: View[]; presets: Preset[] } };
  'view.set': { fields: { meeting: MeetingId; view: ViewWish }; reply: { view: number } };
  'view.remove': { fields: { meeting: MeetingId; view: number }; reply: Nothing };
  'view.preset': { fields: { meeting: MeetingId; preset: string }; reply: Nothing };
  'stream.token': {
    fields: { meeting: MeetingId; role: StreamRole; name?: string; view?: number; ttl_s?: number };
    reply: { stream: number; token: string; url: string; expires_ms: number };
  };
  'stream.list': { fields: { meeting: MeetingId }; reply: { tokens: StreamToken[] } };
  'stream.revoke': { fields: { meeting: MeetingId; stream: number }; reply: Nothing };
  'stats.watch': { fields: { meeting: MeetingId | null }; reply: { seats: Stats[] } };
  'note.send': {
    fields: { meeting: MeetingId; text: string; to?: Audience };
    reply: { note: number };
  };
  'note.list': { fields: { meeting: MeetingId }; reply: { notes: Note[] } };
  'history.list': { fields: { query?: string; before?: MeetingId }; reply: { meetings: Past[] } };
  'history.report': { fields: { meeting: MeetingId }; reply: { report: Report } };
  'recording.start': { fields: { meeting: MeetingId }; reply: { recording: number } };
  'recording.stop': { fields: { recording: number }; reply: Nothing };
  'recording.list': { fields: Nothing; reply: { recordings: Recording[] } };
  'recording.delete': { fields: { recording: number }; reply: Nothing };
  'rehearsal.get': { fields: Nothing; reply: { rehearsal: Rehearsal } };
  'rehearsal.start': {
    fields: { profile: RehearsalProfile; sites: number; seconds: number };
    reply: { rehearsal: Rehearsal };
  };
  'rehearsal.stop': { fields: Nothing; reply: Nothing };
}
export type RequestName = keyof Requests;
export type FieldsOf<T extends RequestName> = Requests[T]['fields'];
export type ReplyOf<T extends RequestName> = Requests[T]['reply'];

/** Every event this page listens to. */
export interface Events {
  welcome: { version: string; nonce: string; server: string };
  site: { site: Site };
  sites: { sites: Site[] };
  meeting: { meeting: MeetingHead };
  seat: { meeting: MeetingId; seat: Seat };
  'seat.removed': { meeting: MeetingId; source: number };
  'meeting.closed': { meeting: MeetingId };
  voices: { meeting: MeetingId; voices: Voice[] };
  invite: Invite;
  demand: { meeting: MeetingId } & Demand;
  cell: { meeting: MeetingId; cell: Rect | null };
  mute: { meeting: MeetingId; muted: boolean; by: string };
  leave: { meeting: MeetingId; reason: 'closed' | 'removed' | 'replaced' };
  'media.resumed': { meeting: MeetingId; source: number; peer: Invite['peer']; muted: boolean };
  recording: { recording: Recording };
  'recording.removed': { recording: number };
  rehearsal: Rehearsal;
  schedule: Nothing;
  readiness: Readiness;
  invitation: { schedule: number };
  stats: { meeting: MeetingId; seats: Stats[] };
  note: { meeting: MeetingId; note: Note };
  /** A note for the own seat. */
  notice: { meeting: MeetingId; from: string; text: string };
}
export type EventName = keyof Events;

/** The names as values, for the check against PROTOCOL.md; the types keep the lists complete. */
export const REQUEST_NAMES = Object.keys({
  ping: 0,
  'page.watch': 0,
  'meeting.open': 0,
  'meeting.close': 0,
  'meeting.layout': 0,
  'meeting.spotlight': 0,
  'view.banner': 0,
  'seat.mute': 0,
  'seat.mute_all': 0,
  'meeting.floor': 0,
  'floor.next': 0,
  'floor.limit': 0,
  'hand.raise': 0,
  'hand.lower': 0,
  'hand.move': 0,
  'roll.start': 0,
  'roll.call': 0,
  'roll.stop': 0,
  'roll.mark': 0,
  'roll.answer': 0,
  'seat.add': 0,
  'seat.remove': 0,
  'seat.release': 0,
  'seat.call': 0,
  'media.join': 0,
  'media.leave': 0,
  'media.offer': 0,
  'media.renew': 0,
  'media.view': 0,
  'view.list': 0,
  'view.set': 0,
  'view.remove': 0,
  'view.preset': 0,
  'stream.token': 0,
  'stream.list': 0,
  'stream.revoke': 0,
  'stats.watch': 0,
  'note.send': 0,
  'note.list': 0,
  'history.list': 0,
  'history.report': 0,
  'recording.start': 0,
  'recording.stop': 0,
  'recording.list': 0,
  'recording.delete': 0,
  'rehearsal.get': 0,
  'rehearsal.start': 0,
  'rehearsal.stop': 0,
  ...PLAN_REQUEST_NAMES,
  ...READINESS_REQUEST_NAMES,
  ...INVITATION_REQUEST_NAMES,
} satisfies Record<RequestName, 0>);

export const EVENT_NAMES = Object.keys({
  welcome: 0,
  site: 0,
  sites: 0,
  meeting: 0,
  seat: 0,
  'seat.removed': 0,
  'meeting.closed': 0,
  voices: 0,
  invite: 0,
  demand: 0,
  cell: 0,
  mute: 0,
  leave: 0,
  'media.resumed': 0,
  recording: 0,
  'recording.removed': 0,
  rehearsal: 0,
  schedule: 0,
  readiness: 0,
  invitation: 0,
  stats: 0,
  note: 0,
  notice: 0,
} satisfies Record<EventName, 0>);
