import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icons';
import { useToasts } from '../../parts/Toaster';
import { ROLL_MARKS, type Meeting, type RollMarkName, type Seat } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import classes from './Floor.module.css';

/** The roll: who is called now, how each has answered, and the chair's own word on it. */
export function RollCall({ meeting, mayLead }: { meeting: Meeting; mayLead: boolean }) {
  const { t } = useTranslation();
  const sites = meeting.seats.filter((seat) => seat.site !== null);
  const called = sites.find(({ source }) => source === meeting.roll.source);
  return (
    <section className={classes.panel} aria-labelledby="roll">
      <h2 id="roll" className={classes.title}>
        {t('roll.title')}
      </h2>
      <Counts sites={sites} />
      {mayLead && <Conduct meeting={meeting} />}
      {called && <Called key={called.source} meeting={meeting} seat={called} mayLead={mayLead} />}
      <ul className={classes.hands} data-testid="roll-list">
        {sites.map((seat) => (
          <MarkRow key={seat.source} seat={seat} isCalled={seat === called} />
        ))}
      </ul>
    </section>
  );
}

function Counts({ sites }: { sites: Seat[] }) {
  const { t } = useTranslation();
  const count = (mark: RollMarkName | null): number =>
    sites.filter((seat) => (seat.mark?.mark ?? null) === mark).length;
  return (
    <p className={classes.hint} role="status" aria-live="polite" data-testid="roll-counts">
      {ROLL_MARKS.map((mark) => `${t(`roll.${mark}`)}: ${count(mark)}`).join(' · ')}
      {' · '}
      {t('roll.open', { count: count(null) })}
    </p>
  );
}

function Conduct({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const { state } = meeting.roll;
  const send = (type: 'roll.start' | 'roll.stop' | 'roll.call'): void =>
    void attempt(live.client.request(type, { meeting: meeting.id }));
  return (
    <div className={classes.acts}>
      {state === 'running' ? (
        <>
          <Button onClick={() => send('roll.call')} data-testid="roll-next">
            {t('roll.next')}
          </Button>
          <Button variant="default" onClick={() => send('roll.stop')} data-testid="roll-stop">
            {t('roll.stop')}
          </Button>
        </>
      ) : (
        <>
          <Button onClick={() => send('roll.start')} data-testid="roll-start">
            {t(state === 'idle' ? 'roll.start' : 'roll.again')}
          </Button>
          {state === 'done' && (
            <Button variant="default" onClick={() => send('roll.call')} data-testid="roll-rest">
              {t('roll.rest')}
            </Button>
          )}
        </>
      )}
    </div>
  );
}

function Called({ meeting, seat, mayLead }: { meeting: Meeting; seat: Seat; mayLead: boolean }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const [reason, setReason] = useState('');
  const mark = (as: RollMarkName): void =>
    void attempt(
      live.client.request('roll.mark', {
        meeting: meeting.id,
        source: seat.source,
        mark: as,
        reason: reason.trim(),
      }),
    );
  return (
    <div className={classes.called} data-testid="roll-called">
      <p className={classes.calledName}>{seat.name}</p>
      <p className={classes.hint}>{t('roll.waiting')}</p>
      {mayLead && (
        <>
          <TextInput
            label={t('roll.reason')}
            value={reason}
            maxLength={100}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-testid="roll-reason"
          />
          <div className={classes.acts}>
            {ROLL_MARKS.map((as) => (
              <Button
                key={as}
                size="compact-md"
                variant={as === 'present' ? 'filled' : 'default'}
                onClick={() => mark(as)}
                data-testid={`roll-mark-${as}`}
              >
                {t(`roll.${as}`)}
              </Button>
            ))}
          </div>
        </>
      )}
    </div>
  );
}

function MarkRow({ seat, isCalled }: { seat: Seat; isCalled: boolean }) {
  const { t } = useTranslation();
  const { mark } = seat;
  return (
    <li className={classes.hand} data-called={isCalled} data-testid={`roll-${seat.source}`}>
      <span className={classes.who}>{seat.name}</span>
      <span className={classes.mark} data-mark={mark?.mark ?? 'none'}>
        {mark ? (
          <>
            <Icon name={mark.mark === 'absent' ? 'missing' : 'online'} size={15} />{' '}
            {t(`roll.${mark.mark}`)}
            {mark.by !== 'chair' && ` (${t(`roll.by.${mark.by}`)})`}
            {mark.reason && `: ${mark.reason}`}
          </>
        ) : (
          t(seat.state === 'joined' ? 'roll.connected' : 'roll.notConnected')
        )}
      </span>
    </li>
  );
}
