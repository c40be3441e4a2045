import { ActionIcon, Button, Menu } from '@mantine/core';
import { memo, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon, type IconName } from '../../parts/icons';
import { StateMark, type Tone } from '../../parts/StateMark';
import { useToasts } from '../../parts/Toaster';
import { formatDuration } from '../../i18n/format';
import { ROLL_MARKS, type MeetingId, type RollMarkName, type Seat, type SeatState, type Trouble } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { isAbsent } from '../../state/seats';
import { useLoudness } from '../../state/useVoices';
import { QualityMark } from './QualityMark';
import classes from './SeatList.module.css';

const MARKS: Record<SeatState, { tone: Tone; icon: IconName }> = {
  calling: { tone: 'wait', icon: 'calling' },
  connecting: { tone: 'wait', icon: 'connecting' },
  joined: { tone: 'online', icon: 'online' },
  lost: { tone: 'bad', icon: 'lost' },
  missing: { tone: 'bad', icon: 'missing' },
};

const TROUBLE_ICONS: Record<Trouble, IconName> = {
  dark: 'cameraOff',
  covered: 'cameraOff',
  frozen: 'cameraOff',
  howling: 'sound',
  silent_mic: 'microphoneOff',
  quarantined: 'missing',
};

export interface SeatRowProps {
  meeting: MeetingId;
  seat: Seat;
  isOwn: boolean;
  isChair: boolean;
  isSpotlight: boolean;
  hasFloor: boolean;
  /** Its place in the speaking queue; 0: its hand is down. */
  place: number;
  mayLead: boolean;
  removalMs: number | null;
  onRemove: (source: number) => void;
  onKeep: (source: number) => void;
}

export const SeatRow = memo(function SeatRow(props: SeatRowProps) {
  const { seat, isOwn, isChair, isSpotlight, mayLead, removalMs, onKeep } = props;
  const { t } = useTranslation();
  return (
    <li
      className={classes.seat}
      data-testid={`seat-${seat.source}`}
      data-state={seat.state}
      data-spotlight={isSpotlight}
      data-trouble={seat.trouble.join(' ') || undefined}
    >
      <div className={classes.who}>
        <p className={classes.name}>
          {isChair && <Tag icon="star" text={t('seat.chair')} />}
          {seat.name}
          {props.place > 0 && (
            <span className={classes.place} title={t('floor.place', { place: props.place })}>
              <Icon name="hand" size={13} /> {props.place}
            </span>
          )}{' '}
          {isOwn && <span className={classes.you}> ({t('seat.you')})</span>}
        </p>
        <p className={classes.state}>
          <SeatStateMark seat={seat} />
          <Troubles seat={seat} />
          {seat.cell && <Tag icon="meeting" text={t('seat.inPicture')} />}
          {seat.state === 'joined' && seat.video === 'none' && (
            <Tag icon="cameraOff" text={t('seat.noVideo')} />
          )}
          {seat.mark && <Tag icon="roll" text={t(`roll.${seat.mark.mark}`)} />}
          {seat.talk_s > 0 && (
            <span className={classes.talk} title={t('floor.talked')}>
              {formatDuration(seat.talk_s * 1000)}
            </span>
          )}
        </p>
      </div>
      {removalMs !== null ? (
        <Leaving untilMs={removalMs} onKeep={() => onKeep(seat.source)} />
      ) : (
        <>
          {seat.state === 'joined' && <QualityMark meeting={props.meeting} source={seat.source} />}
          {seat.state === 'joined' && <Level meeting={props.meeting} source={seat.source} />}
          {seat.trouble.includes('quarantined') && <Release meeting={props.meeting} seat={seat} />}
          {mayLead && <SeatTools {...props} />}
          {!mayLead && seat.muted && <Tag icon="microphoneOff" text={t('seat.muted')} />}
        </>
      )}
    </li>
  );
});

function SeatStateMark({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const state = t(`seat.${seat.state}`);
  const text = isAbsent(seat) && seat.reason ? `${state}: ${t(`seat.${seat.reason}`)}` : state;
  return <StateMark {...MARKS[seat.state]} text={text} />;
}

/** Trusts a seat again that has crashed the mixer. */
function Release({ meeting, seat }: { meeting: MeetingId; seat: Seat }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  return (
    <Button
      size="compact-sm"
      variant="default"
      aria-label={t('seat.releaseName', { name: seat.name })}
      onClick={() => void attempt(live.client.request('seat.release', { meeting, source: seat.source }))}
      data-testid={`release-${seat.source}`}
    >
      {t('seat.release')}
    </Button>
  );
}

/** What is wrong with its picture or sound, in words. */
function Troubles({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  return (
    <>
      {seat.trouble.map((trouble) => (
        <StateMark key={trouble} tone="bad" icon={TROUBLE_ICONS[trouble]} text={t(`trouble.${trouble}`)} />
      ))}
    </>
  );
}

function Tag({ icon, text }: { icon: IconName; text: string }) {
  return (
    <span className={classes.tag} title={text}>
      <Icon name={icon} size={16} />
      <span className="dc-hidden">{text}</span>
    </span>
  );
}

/** How loud the seat is heard now. Decoration for the eye; who speaks is also in the picture. */
function Level({ meeting, source }: { meeting: MeetingId; source: number }) {
  const { t } = useTranslation();
  const loudness = useLoudness(meeting, source);
  return (
    <span
      className={classes.level}
      data-speaking={loudness > 0}
      title={loudness > 0 ? t('seat.speaking') : undefined}
      aria-hidden="true"
    >
      <span style={{ transform: `scaleY(${loudness})` }} />
    </span>
  );
}

/** What is done to a seat less often: the floor, and what the roll says. */
function SeatMenu({ meeting, seat, hasFloor }: Pick<SeatRowProps, 'meeting' | 'seat' | 'hasFloor'>) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const { source, name } = seat;
  const give = (): void =>
    void attempt(
      live.client.request('meeting.floor', { meeting, source: hasFloor ? null : source }),
    );
  const mark = (as: RollMarkName | null): void =>
    void attempt(live.client.request('roll.mark', { meeting, source, mark: as }));
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          size="lg"
          aria-label={t('seat.more', { name })}
          title={t('seat.more', { name })}
          data-testid={`more-${source}`}
        >
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="hand" />} onClick={give} data-testid={`floor-${source}`}>
          {t(hasFloor ? 'floor.take' : 'floor.give')}
        </Menu.Item>
        {seat.site !== null && (
          <>
            <Menu.Label>{t('roll.title')}</Menu.Label>
            {ROLL_MARKS.map((as) => (
              <Menu.Item key={as} onClick={() => mark(as)} data-testid={`mark-${as}-${source}`}>
                {t(`roll.${as}`)}
              </Menu.Item>
            ))}
            {seat.mark && <Menu.Item onClick={() => mark(null)}>{t('roll.none')}</Menu.Item>}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function SeatTools({ meeting, seat, isSpotlight, hasFloor, onRemove }: SeatRowProps) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const { source, name, muted } = seat;
  const mute = (): void =>
    void attempt(live.client.request('seat.mute', { meeting, source, muted: !muted }));
  const spotlight = (): void =>
    void attempt(
      live.client.request('meeting.spotlight', { meeting, source: isSpotlight ? null : source }),
    );
  const call = (): void => void attempt(live.client.request('seat.call', { meeting, source }));

  return (
    <div className={classes.seatTools}>
      {isAbsent(seat) && seat.site !== null && (
        <Button
          size="compact-sm"
          variant="light"
          leftSection={<Icon name="calling" size={15} />}
          aria-label={t('seat.callName', { name })}
          onClick={call}
          data-testid={`call-${source}`}
        >
          {t('seat.call')}
        </Button>
      )}
      <ActionIcon
        variant={muted ? 'filled' : 'subtle'}
        color={muted ? 'red' : 'blue'}
        size="lg"
        aria-pressed={muted}
        aria-label={t('seat.mute', { name })}
        title={t(muted ? 'seat.unmute' : 'seat.mute', { name })}
        onClick={mute}
        data-testid={`mute-${source}`}
      >
        <Icon name={muted ? 'microphoneOff' : 'microphone'} />
      </ActionIcon>
      <ActionIcon
        variant={isSpotlight ? 'filled' : 'subtle'}
        size="lg"
        aria-pressed={isSpotlight}
        aria-label={t('seat.spotlight', { name })}
        title={t(isSpotlight ? 'seat.unspotlight' : 'seat.spotlight', { name })}
        onClick={spotlight}
        data-testid={`spotlight-${source}`}
      >
        <Icon name="enlarge" />
      </ActionIcon>
      <SeatMenu meeting={meeting} seat={seat} hasFloor={hasFloor} />
      <ActionIcon
        variant="subtle"
        size="lg"
        aria-label={t('seat.remove', { name })}
        title={t('seat.remove', { name })}
        onClick={() => onRemove(source)}
        data-testid={`remove-${source}`}
      >
        <Icon name="remove" />
      </ActionIcon>
    </div>
  );
}

function Leaving({ untilMs, onKeep }: { untilMs: number; onKeep: () => void }) {
  const { t } = useTranslation();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((untilMs - now) / 1000));
  return (
    <div className={classes.leaving}>
      <span>{t('seat.removing', { seconds })}</span>
      <Button size="compact-sm" variant="default" onClick={onKeep} autoFocus>
        {t('app.undo')}
      </Button>
    </div>
  );
}
