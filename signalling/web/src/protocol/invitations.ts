/** The part of signalling/PROTOCOL.md about invitations. */
import type { MeetingId } from './types';

export interface Invitation {
  site: string;
  email: string;
  state: 'queued' | 'sent' | 'failed' | 'cancelling' | 'cancelled';
  /** What the mail server said. */
  detail: string | null;
  sent_ms: number | null;
  answer: 'accepted' | 'declined' | null;
  /** One person a line. */
  names: string;
  answered_ms: number | null;
}

export interface Contact {
  site: string;
  email: string | null;
}

type Nothing = Record<never, never>;

export interface InvitationRequests {
  'invitation.send': { fields: { schedule: number }; reply: { queued: number; without: number } };
  'invitation.list': {
    fields: { schedule: number } | { meeting: MeetingId };
    reply: { invitations: Invitation[] };
  };
  'contact.list': { fields: Nothing; reply: { contacts: Contact[] } };
  'contact.set': { fields: { contacts: Contact[] }; reply: Nothing };
}

export const INVITATION_REQUEST_NAMES = {
  'invitation.send': 0,
  'invitation.list': 0,
  'contact.list': 0,
  'contact.set': 0,
} satisfies Record<keyof InvitationRequests, 0>;
