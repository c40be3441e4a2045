/** The part of signalling/PROTOCOL.md about the check before a meeting. */

export const LIGHTS = ['bad', 'fair', 'untested', 'good'] as const;
/** Worst first. */
export type Light = (typeof LIGHTS)[number];

export const PARTS = ['network', 'camera', 'microphone', 'speaker', 'clock', 'disk'] as const;
export type Part = (typeof PARTS)[number];

export interface Checked {
  light: Light;
  reason: string | null;
  rtt_ms?: number | null;
  up_kbps?: number | null;
  down_kbps?: number | null;
  clock_ms?: number | null;
  disk_mib?: number | null;
}

export interface Exam {
  site: string;
  state: 'none' | 'waiting' | 'asked' | 'done';
  light: Light;
  /** Why there are no checks. */
  reason: 'no_device' | 'offline' | 'no_answer' | null;
  at_ms: number | null;
  simulated: boolean;
  checks: Record<Part, Checked> | null;
}

export interface ReadinessRun {
  running: boolean;
  left: number;
  begun_ms: number | null;
  by: string | null;
}

export interface Readiness {
  run: ReadinessRun;
  sites: Exam[];
}

type Nothing = Record<never, never>;

export interface ReadinessRequests {
  'readiness.get': { fields: Nothing; reply: Readiness };
  'readiness.run': { fields: { sites?: string[] }; reply: Nothing };
}

export const READINESS_REQUEST_NAMES = {
  'readiness.get': 0,
  'readiness.run': 0,
} satisfies Record<keyof ReadinessRequests, 0>;
