import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTitle } from '../../parts/useTitle';
import type { BookingTime, Plan, ProtocolClient, User } from '../../protocol';
import { nextHour } from '../../state/calendar';
import { useLive } from '../../state/LiveContext';
import { EMPTY_PLAN } from '../../state/plan';
import { useConnection } from '../../state/useConnection';
import { Notice } from '../Notice';
import { PlanForm } from './PlanForm';

const USUAL_MINUTES = 120;

export type PlanKind = 'template' | 'schedule';

/** What the form begins with. */
export interface Draft {
  kind: PlanKind;
  /** Of the template or booking that is changed; null: a new one. */
  id: number | null;
  name: string;
  plan: Plan;
  time: BookingTime & { auto_open: boolean };
}

/** `#/plan?kind=schedule&id=3`, or a new one: `&from=` a template, `&at=` a moment. */
export function PlanScreen({ query, user }: { query: URLSearchParams; user: User }) {
  const { t } = useTranslation();
  const kind: PlanKind = query.get('kind') === 'template' ? 'template' : 'schedule';
  const draft = useDraft(kind, query);
  useTitle(t(`plan.${kind}`));

  if (user.role === 'technician') {
    return <Notice text={t('plan.notAllowed')} />;
  }
  if (draft === 'missing') {
    return <Notice text={t('plan.missing')} />;
  }
  return draft ? <PlanForm draft={draft} /> : <Notice text={t('app.loading')} isBusy />;
}

const numberOf = (text: string | null): number | null => (text !== null && /^\d+$/.test(text) ? Number(text) : null);

function useDraft(kind: PlanKind, query: URLSearchParams): Draft | 'missing' | null {
  const live = useLive();
  const { ready } = useConnection();
  const [draft, setDraft] = useState<Draft | 'missing' | null>(null);

  useEffect(() => {
    if (ready && draft === null) {
      fetchDraft(live.client, kind, query).then(setDraft, () => setDraft('missing'));
    }
  }, [live, ready, draft, kind, query]);
  return draft;
}

async function fetchDraft(client: ProtocolClient, kind: PlanKind, query: URLSearchParams): Promise<Draft> {
  const id = numberOf(query.get('id'));
  const from = numberOf(query.get('from'));
  const time = {
    start_ms: numberOf(query.get('at')) ?? nextHour(Date.now()),
    minutes: USUAL_MINUTES,
    weekly: false,
    auto_open: false,
  };
  if (kind === 'template' && id !== null) {
    const { name, plan } = await client.request('template.get', { template: id });
    return { kind, id, name, plan, time };
  }
  if (id !== null) {
    const { plan, ...booked } = await client.request('schedule.get', { schedule: id });
    return { kind, id, name: '', plan, time: booked };
  }
  const plan = from === null ? EMPTY_PLAN : (await client.request('template.get', { template: from })).plan;
  return { kind, id, name: '', plan, time };
}
