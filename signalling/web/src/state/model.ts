import type {
  Layout,
  Meeting,
  MeetingHead,
  MeetingId,
  Preset,
  ReplyOf,
  Seat,
  Site,
  User,
} from '../protocol';

/** All that `page.watch` shows, kept current by its events. Values are never changed in place. */
export interface Model {
  user: User | null;
  sites: readonly Site[];
  meetings: ReadonlyMap<MeetingId, Meeting>;
  layouts: readonly Layout[];
  presets: readonly Preset[];
}

export const EMPTY: Model = { user: null, sites: [], meetings: new Map(), layouts: [], presets: [] };

export function fromWatch(reply: ReplyOf<'page.watch'>): Model {
  return {
    user: reply.user,
    sites: reply.sites,
    meetings: new Map(reply.meetings.map((meeting) => [meeting.id, meeting])),
    layouts: reply.layouts,
    presets: reply.presets,
  };
}

export function withSite(model: Model, site: Site): Model {
  const index = model.sites.findIndex((known) => known.code === site.code);
  const sites = [...model.sites];
  sites.splice(index < 0 ? sites.length : index, 1, site);
  return { ...model, sites };
}

/** The head replaces the old one; the seats come by their own events. */
export function withMeeting(model: Model, head: MeetingHead): Model {
  const seats = model.meetings.get(head.id)?.seats ?? [];
  return put(model, { ...head, seats });
}

export function withSeat(model: Model, id: MeetingId, seat: Seat): Model {
  const meeting = model.meetings.get(id);
  if (!meeting) {
    return model;
  }
  const others = meeting.seats.filter((known) => known.source !== seat.source);
  const seats = [...others, seat].sort((a, b) => a.source - b.source);
  return put(model, { ...meeting, seats });
}

export function withoutSeat(model: Model, id: MeetingId, source: number): Model {
  const meeting = model.meetings.get(id);
  if (!meeting) {
    return model;
  }
  return put(model, {
    ...meeting,
    seats: meeting.seats.filter((seat) => seat.source !== source),
  });
}

export function withoutMeeting(model: Model, id: MeetingId): Model {
  const meetings = new Map(model.meetings);
  meetings.delete(id);
  return { ...model, meetings };
}

function put(model: Model, meeting: Meeting): Model {
  return { ...model, meetings: new Map(model.meetings).set(meeting.id, meeting) };
}
