/** The part of signalling/PROTOCOL.md about what comes before a meeting. */
import type { MeetingId } from './types';

/** What a meeting is to be. */
export interface Plan {
  title: string;
  sites: string[];
  chair: string | null;
  layout: string | null;
  preset: string | null;
  /** Seconds of each turn in the `rotate` cells. */
  rotate_s: number | null;
  speaking_limit_s: number | null;
  record: boolean;
  agenda: string[];
}

export interface TemplateEntry {
  template: number;
  name: string;
  title: string;
  /** How many. */
  sites: number;
}

/** When a booking is, apart from its plan. */
export interface BookingTime {
  start_ms: number;
  minutes: number;
  weekly: boolean;
}

/** One time of a booking. */
export interface Occasion extends BookingTime {
  schedule: number;
  title: string;
  auto_open: boolean;
  /** How many. */
  sites: number;
  /** The open meeting that was made of it. */
  meeting: MeetingId | null;
}

export interface Conflict {
  site: string;
  schedule: number;
  title: string;
  start_ms: number;
}

type Nothing = Record<never, never>;

export interface PlanRequests {
  'template.list': { fields: Nothing; reply: { templates: TemplateEntry[] } };
  'template.get': { fields: { template: number }; reply: { name: string; plan: Plan } };
  'template.set': {
    fields: { template?: number; name: string; plan: Plan };
    reply: { template: number };
  };
  'template.remove': { fields: { template: number }; reply: Nothing };
  'template.make': { fields: { meeting: MeetingId; name: string }; reply: { template: number } };
  'schedule.list': { fields: { from_ms?: number; to_ms?: number }; reply: { meetings: Occasion[] } };
  'schedule.get': {
    fields: { schedule: number };
    reply: BookingTime & { auto_open: boolean; plan: Plan };
  };
  'schedule.check': {
    fields: BookingTime & { schedule?: number; sites: string[] };
    reply: { conflicts: Conflict[] };
  };
  'schedule.set': {
    fields: BookingTime & { schedule?: number; auto_open: boolean; plan: Plan };
    reply: { schedule: number };
  };
  'schedule.remove': { fields: { schedule: number }; reply: Nothing };
  'schedule.open': { fields: { schedule: number }; reply: { meeting: MeetingId } };
}

export const PLAN_REQUEST_NAMES = {
  'template.list': 0,
  'template.get': 0,
  'template.set': 0,
  'template.remove': 0,
  'template.make': 0,
  'schedule.list': 0,
  'schedule.get': 0,
  'schedule.check': 0,
  'schedule.set': 0,
  'schedule.remove': 0,
  'schedule.open': 0,
} satisfies Record<keyof PlanRequests, 0>;
