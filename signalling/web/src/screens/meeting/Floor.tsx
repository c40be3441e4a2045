import { ActionIcon, Button, NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../i18n/format';
import { Icon, type IconName } from '../../parts/icons';
import { useToasts } from '../../parts/Toaster';
import type { Meeting, Seat } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import classes from './Floor.module.css';

const LIMITS_MIN = [1, 2, 3, 5, 7, 10, 15, 20, 30];

/** The speaking queue: hands in the order of arrival, and what the chair does with each. */
export function Floor({ meeting, mayLead }: { meeting: Meeting; mayLead: boolean }) {
  const { t } = useTranslation();
  const seats = new Map(meeting.seats.map((seat) => [seat.source, seat]));
  return (
    <section className={classes.panel} aria-labelledby="queue">
      <h2 id="queue" className={classes.title}>
        {t('floor.queue')}
      </h2>
      {mayLead && <Limit meeting={meeting} />}
      {meeting.hands.length === 0 && <p className={classes.hint}>{t('floor.empty')}</p>}
      <ol className={classes.hands}>
        {meeting.hands.map(({ source }, index) => {
          const seat = seats.get(source);
          return (
            seat && (
              <HandRow
                key={source}
                meeting={meeting}
                seat={seat}
                place={index + 1}
                mayLead={mayLead}
              />
            )
          );
        })}
      </ol>
    </section>
  );
}

interface HandRowProps {
  meeting: Meeting;
  seat: Seat;
  place: number;
  mayLead: boolean;
}

function HandRow({ meeting, seat, place, mayLead }: HandRowProps) {
  const { t } = useTranslation();
  return (
    <li className={classes.hand} data-testid={`hand-${seat.source}`} data-place={place}>
      <span className={classes.place}>{place}</span>
      <span className={classes.who}>
        {seat.name}
        {seat.state !== 'joined' && <span className={classes.away}> ({t('floor.away')})</span>}
      </span>
      {mayLead && (
        <HandTools meeting={meeting} seat={seat} place={place} isLast={place === meeting.hands.length} />
      )}
    </li>
  );
}

function HandTools({ meeting, seat, place, isLast }: Omit<HandRowProps, 'mayLead'> & { isLast: boolean }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const { source, name } = seat;
  const fields = { meeting: meeting.id, source };
  const move = (to: number): void =>
    void attempt(live.client.request('hand.move', { ...fields, place: to }));
  return (
    <>
      <Act icon="up" text={t('floor.up', { name })} disabled={place === 1} run={() => move(place - 1)} id={`hand-up-${source}`} />
      <Act icon="down" text={t('floor.down', { name })} disabled={isLast} run={() => move(place + 1)} id={`hand-down-${source}`} />
      <Act
        icon="remove"
        text={t('floor.refuse', { name })}
        run={() => void attempt(live.client.request('hand.lower', fields))}
        id={`hand-refuse-${source}`}
      />
      <Button
        size="compact-md"
        variant="light"
        aria-label={t('floor.giveName', { name })}
        onClick={() => void attempt(live.client.request('meeting.floor', fields))}
        data-testid={`hand-give-${source}`}
      >
        {t('floor.giveShort')}
      </Button>
    </>
  );
}

interface ActProps {
  icon: IconName;
  text: string;
  id: string;
  disabled?: boolean;
  run: () => void;
}

function Act({ icon, text, id, disabled = false, run }: ActProps) {
  return (
    <ActionIcon
      variant="subtle"
      size="lg"
      aria-label={text}
      title={text}
      disabled={disabled}
      onClick={run}
      data-testid={id}
    >
      <Icon name={icon} />
    </ActionIcon>
  );
}

function Limit({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const now = meeting.speaking_limit_s;
  const choices = LIMITS_MIN.map((minutes) => minutes * 60);
  const all = now !== null && !choices.includes(now) ? [...choices, now] : choices;
  return (
    <NativeSelect
      label={t('floor.limit')}
      value={now ?? ''}
      data={[
        { value: '', label: t('floor.noLimit') },
        ...all.map((s) => ({
          value: String(s),
          label: s % 60 === 0 ? t('floor.minutes', { minutes: s / 60 }) : formatDuration(s * 1000),
        })),
      ]}
      onChange={({ currentTarget: { value } }) =>
        void attempt(
          live.client.request('floor.limit', {
            meeting: meeting.id,
            speaking_limit_s: value === '' ? null : Number(value),
          }),
        )
      }
      data-testid="speaking-limit"
    />
  );
}
