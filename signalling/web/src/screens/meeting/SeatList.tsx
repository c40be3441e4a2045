import { Button, Switch, TextInput } from '@mantine/core';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icons';
import { useShortcuts } from '../../parts/shortcuts';
import { useToasts } from '../../parts/Toaster';
import type { Meeting } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { matches } from '../../state/search';
import { QualityContext, useQualityBoard, useSourcesByQuality } from '../../state/useQuality';
import { isAbsent, isTroubled, queuePlaces, worstFirst } from '../../state/seats';
import { useStored } from '../../state/useStored';
import { AddSites } from './AddSites';
import { MuteAll } from './MuteAll';
import classes from './SeatList.module.css';
import { SeatRow } from './SeatRow';
import { useRemoval } from './useRemoval';

export interface SeatListProps {
  meeting: Meeting;
  /** The user's own seat, 0 while only watching. */
  own: number;
  mayLead: boolean;
}

/** Everybody in the meeting, who needs help on top. */
export function SeatList(props: SeatListProps) {
  return (
    <QualityContext.Provider value={useQualityBoard(props.meeting.id)}>
      <Seats {...props} />
    </QualityContext.Provider>
  );
}

function Seats({ meeting, own, mayLead }: SeatListProps) {
  const { t } = useTranslation();
  const [byQuality, setByQuality] = useStored('byquality', false);
  const places = useSourcesByQuality(byQuality);
  const [query, setQuery] = useState('');
  const [onlyTroubled, setOnlyTroubled] = useState(false);
  const troubled = meeting.seats.filter(isTroubled).length;
  const search = useRef<HTMLInputElement>(null);
  const removal = useRemoval(meeting.id);
  useShortcuts({ '/': () => search.current?.focus() });

  const seats = useMemo(
    () =>
      worstFirst(
        meeting.seats.filter(
          (seat) =>
            matches(query, `${seat.name} ${seat.site ?? ''}`) && (!onlyTroubled || isTroubled(seat)),
        ),
        places,
      ),
    [meeting.seats, query, places, onlyTroubled],
  );

  const inQueue = useMemo(() => queuePlaces(meeting.hands), [meeting.hands]);

  return (
    <section className={classes.list} aria-labelledby="seats">
      <div className={classes.head}>
        <h2 id="seats" className={classes.title}>
          {t('meeting.seats')}
        </h2>
        {mayLead && (
          <div className={classes.tools}>
            <MuteAll meeting={meeting} own={own} />
            <AddSites meeting={meeting} />
          </div>
        )}
      </div>
      <Absent meeting={meeting} mayLead={mayLead} />
      <TextInput
        ref={search}
        aria-label={t('meeting.searchSeats')}
        placeholder={t('meeting.searchSeats')}
        leftSection={<Icon name="search" />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && setQuery('')}
        autoComplete="off"
        spellCheck={false}
        data-testid="search"
      />
      <Switch
        checked={byQuality}
        onChange={(event) => setByQuality(event.currentTarget.checked)}
        label={t('meeting.worstFirst')}
        data-testid="worst-first"
      />
      <Switch
        checked={onlyTroubled}
        onChange={(event) => setOnlyTroubled(event.currentTarget.checked)}
        label={t('meeting.onlyTroubled', { count: troubled })}
        data-testid="only-troubled"
      />
      <ul className={classes.seats}>
        {seats.map((seat) => (
          <SeatRow
            key={seat.source}
            meeting={meeting.id}
            seat={seat}
            isOwn={own !== 0 && seat.source === own}
            isChair={seat.source === meeting.chair}
            isSpotlight={seat.source === meeting.spotlight}
            hasFloor={seat.source === meeting.floor}
            place={inQueue.get(seat.source) ?? 0}
            mayLead={mayLead}
            removalMs={removal.pending.get(seat.source) ?? null}
            onRemove={removal.ask}
            onKeep={removal.cancel}
          />
        ))}
      </ul>
    </section>
  );
}

function Absent({ meeting, mayLead }: { meeting: Meeting; mayLead: boolean }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const absent = meeting.seats.filter((seat) => seat.site !== null && isAbsent(seat));
  const callAll = async (): Promise<void> => {
    for (const { source } of absent) {
      if (!(await attempt(live.client.request('seat.call', { meeting: meeting.id, source })))) {
        return;
      }
    }
  };
  return (
    <div role="status" aria-live="polite">
      {absent.length > 0 && (
        <div className={classes.absent}>
          <Icon name="missing" />
          <span>{t('meeting.absent', { count: absent.length })}</span>
          {mayLead && (
            <Button size="compact-sm" variant="default" onClick={() => void callAll()} data-testid="call-all">
              {t('meeting.callAll', { count: absent.length })}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

