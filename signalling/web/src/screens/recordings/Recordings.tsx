import { Loader } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTitle } from '../../parts/useTitle';
import type { User } from '../../protocol';
import { useRecordings } from '../../state/useRecordings';
import { Notice } from '../Notice';
import { Player } from './Player';
import { RecordingRow } from './RecordingRow';
import classes from './Recordings.module.css';

/** The recordings of all meetings, for those who lead. */
export function Recordings({ user }: { user: User }) {
  const { t } = useTranslation();
  useTitle(t('recordings.title'));
  return user.role === 'technician' ? <Notice text={t('recordings.notAllowed')} /> : <Allowed />;
}

function Allowed() {
  const { t } = useTranslation();
  const recordings = useRecordings();
  const [played, setPlayed] = useState<number | null>(null);
  const shown = recordings?.find(({ id, state }) => id === played && state === 'done');
  return (
    <main id="main" className={classes.main}>
      <div>
        <h1 className={classes.title}>{t('recordings.title')}</h1>
        <p className={classes.hint}>{t('recordings.intro')}</p>
      </div>
      {shown && <Player key={shown.id} recording={shown} onClose={() => setPlayed(null)} />}
      {recordings === null && <Loader />}
      {recordings?.length === 0 && <p className={classes.hint}>{t('recordings.none')}</p>}
      <ul className={classes.list}>
        {recordings?.map((recording) => (
          <RecordingRow key={recording.id} recording={recording} onPlay={() => setPlayed(recording.id)} />
        ))}
      </ul>
    </main>
  );
}
