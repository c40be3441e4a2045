import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../i18n/format';
import { Icon } from '../../parts/icons';
import { useTitle } from '../../parts/useTitle';
import type { Past } from '../../protocol';
import { useHistory } from '../../state/useHistory';
import classes from './History.module.css';

const TYPING_MS = 250;

/** The meetings that were held, newest first; the way to the report of each. */
export function History() {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const [wanted] = useDebouncedValue(query, TYPING_MS);
  const { meetings, hasMore, more } = useHistory(wanted);
  useTitle(t('history.title'));
  return (
    <main id="main" className={classes.main}>
      <h1 className={classes.title}>{t('history.title')}</h1>
      <TextInput
        label={t('history.search')}
        description={t('history.searchHint')}
        leftSection={<Icon name="search" />}
        value={query}
        maxLength={60}
        onChange={(event) => setQuery(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        data-testid="history-search"
      />
      {meetings?.length === 0 && <p role="status">{t('history.none')}</p>}
      <ul className={classes.list} data-testid="history-list">
        {meetings?.map((meeting) => <PastItem key={meeting.id} meeting={meeting} />)}
      </ul>
      {hasMore && (
        <Button variant="default" onClick={more} data-testid="history-more">
          {t('history.more')}
        </Button>
      )}
    </main>
  );
}

function PastItem({ meeting }: { meeting: Past }) {
  const { t } = useTranslation();
  const end = meeting.closed_ms === null ? t('history.open') : formatMoment(meeting.closed_ms);
  return (
    <li className={classes.item} data-testid={`past-${meeting.id}`}>
      <div className={classes.text}>
        <p className={classes.name}>{meeting.title}</p>
        <p className={classes.hint}>
          {t('history.time', { from: formatMoment(meeting.opened_ms), to: end })} ·{' '}
          {t('history.sites', { count: meeting.sites })}
          {meeting.opened_by && ` · ${t('history.by', { by: meeting.opened_by })}`}
        </p>
      </div>
      <Button
        component="a"
        href={`#/history/${meeting.id}`}
        variant="light"
        aria-label={t('history.seeName', { title: meeting.title })}
      >
        {t('history.see')}
      </Button>
    </li>
  );
}
