import { Tabs } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Floor } from './Floor';
import classes from './Meeting.module.css';
import { Notes } from './Notes';
import { RollCall } from './RollCall';
import { SeatList, type SeatListProps } from './SeatList';
import { Speaker } from './Speaker';
import { useNotes } from '../../state/useNotes';
import { NoticeBanner } from './NoticeBanner';

/** Beside the picture: who speaks now, and below it the seats, the queue or the roll. */
export function Side(props: SeatListProps) {
  const { meeting, mayLead } = props;
  const { t } = useTranslation();
  const [tab, setTab] = useState<string | null>('seats');
  const waiting = meeting.hands.length;
  const notes = useNotes(meeting.id);
  const [read, setRead] = useState(0);
  const heard = notes.filter(({ source }) => source !== null).length;
  useEffect(() => {
    if (tab === 'notes') {
      setRead(heard);
    }
  }, [tab, heard]);
  const unread = heard - read;
  return (
    <div className={classes.side}>
      <NoticeBanner meeting={meeting.id} />
      <Speaker meeting={meeting} mayLead={mayLead} />
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="seats">{t('meeting.seatsTab')}</Tabs.Tab>
          <Tabs.Tab value="queue" data-testid="tab-queue">
            {waiting > 0 ? t('floor.tabWaiting', { count: waiting }) : t('floor.tab')}
          </Tabs.Tab>
          <Tabs.Tab value="roll" data-testid="tab-roll">
            {t('roll.title')}
          </Tabs.Tab>
          <Tabs.Tab value="notes" data-testid="tab-notes">
            {unread > 0 ? t('notes.tabUnread', { count: unread }) : t('notes.tab')}
          </Tabs.Tab>
        </Tabs.List>
      </Tabs>
      <div className={classes.tab}>
        {tab === 'queue' ? (
          <Floor meeting={meeting} mayLead={mayLead} />
        ) : tab === 'roll' ? (
          <RollCall meeting={meeting} mayLead={mayLead} />
        ) : tab === 'notes' ? (
          <Notes meeting={meeting} notes={notes} own={props.own} mayLead={mayLead} />
        ) : (
          <SeatList {...props} />
        )}
      </div>
    </div>
  );
}
