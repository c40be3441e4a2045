import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../i18n/format';
import { useToasts } from '../../parts/Toaster';
import { useTitle } from '../../parts/useTitle';
import type { User } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { useAnswer } from '../../state/useAnswer';
import { useSites } from '../../state/useSites';
import { Notice } from '../Notice';
import { ContactsButton } from './ContactsButton';
import classes from './Invitations.module.css';
import { Letters, type LetterRow } from './Letters';

const BOOKING_EVENTS = ['schedule'] as const;
const LETTER_EVENTS = ['invitation'] as const;
const NO_FIELDS = {};

/** `#/invitations?schedule=3`: who is invited to a meeting of the calendar, by which address, and what they answered. */
export function Invitations({ query, user }: { query: URLSearchParams; user: User }) {
  const { t } = useTranslation();
  const schedule = Number(query.get('schedule') ?? 0);
  const question = useMemo(() => ({ schedule }), [schedule]);
  const { answer: booking } = useAnswer('schedule.get', question, BOOKING_EVENTS);
  const { rows, refresh } = useRows(question, booking?.plan.sites ?? null);
  useTitle(t('invitation.title'));

  if (!booking) {
    return <Notice text={t('app.loading')} isBusy />;
  }
  const accepted = rows.filter(({ letter }) => letter?.answer === 'accepted').length;
  const declined = rows.filter(({ letter }) => letter?.answer === 'declined').length;
  return (
    <main id="main" className={classes.main}>
      <div>
        <h1 className={classes.title}>{t('invitation.title')}</h1>
        <p>
          {booking.plan.title}, {formatMoment(booking.start_ms)}
        </p>
        <p className={classes.hint}>{t('invitation.intro')}</p>
      </div>
      <div className={classes.bar}>
        {user.role !== 'technician' && <SendButton schedule={schedule} isAgain={rows.some(({ letter }) => letter)} />}
        <ContactsButton onSaved={refresh} />
        <p className={classes.summary} role="status" data-testid="invitation-summary">
          {t('invitation.summary', { accepted, declined, total: rows.length })}
        </p>
      </div>
      <Letters rows={rows} />
    </main>
  );
}

/** The sites of the meeting with address and letter; `refresh` when addresses have changed. */
function useRows(question: { schedule: number }, codes: string[] | null): { rows: LetterRow[]; refresh: () => void } {
  const sites = useSites();
  const { answer: letters } = useAnswer('invitation.list', question, LETTER_EVENTS);
  const { answer: contacts, ask } = useAnswer('contact.list', NO_FIELDS, LETTER_EVENTS);
  const rows = useMemo(() => {
    const wanted = new Set(codes);
    const letterOf = new Map(letters?.invitations.map((letter) => [letter.site, letter]));
    const emailOf = new Map(contacts?.contacts.map(({ site, email }) => [site, email]));
    return sites
      .filter(({ code }) => wanted.has(code))
      .map((site) => ({ site, email: emailOf.get(site.code) ?? null, letter: letterOf.get(site.code) ?? null }));
  }, [sites, codes, letters, contacts]);
  return { rows, refresh: ask };
}

function SendButton({ schedule, isAgain }: { schedule: number; isAgain: boolean }) {
  const { t } = useTranslation();
  const { client } = useLive();
  const { attempt, notify } = useToasts();
  const [isBusy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    await attempt(
      client.request('invitation.send', { schedule }).then(({ queued, without }) => {
        notify({ text: t('invitation.queued', { count: queued }) });
        if (without > 0) {
          notify({ text: t('invitation.without', { count: without }), tone: 'bad' });
        }
      }),
    );
    setBusy(false);
  };
  return (
    <Button loading={isBusy} onClick={() => void send()} data-testid="invitation-send">
      {t(isAgain ? 'invitation.sendAgain' : 'invitation.send')}
    </Button>
  );
}
