import { Button, SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../i18n/format';
import { Icon } from '../../parts/icons';
import { useToasts } from '../../parts/Toaster';
import { useTitle } from '../../parts/useTitle';
import type { Readiness as Found, ReadinessRun } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { boardOf, NO_READINESS, worstRowsFirst, type BoardRow } from '../../state/readiness';
import { useAnswer } from '../../state/useAnswer';
import { useReadiness } from '../../state/useReadiness';
import { useSites } from '../../state/useSites';
import { Board } from './Board';
import { Lights } from './Lights';
import classes from './Readiness.module.css';
import { useExport } from './useExport';

type Order = 'worst' | 'directory';
const NO_EVENTS: [] = [];

/** "Kiểm tra trước họp": whether each site is fit for the meeting, and why not. `#/readiness?schedule=3` has the sites of that meeting. */
export function Readiness({ query }: { query: URLSearchParams }) {
  const { t } = useTranslation();
  const [order, setOrder] = useState<Order>('worst');
  const schedule = query.get('schedule');
  const readiness = useReadiness() ?? NO_READINESS;
  const rows = useRows(readiness, schedule === null ? null : Number(schedule));
  const shown = order === 'worst' ? worstRowsFirst(rows) : rows;
  const save = useExport();
  useTitle(t('readiness.title'));

  return (
    <main id="main" className={classes.main}>
      <div>
        <h1 className={classes.title}>{t('readiness.title')}</h1>
        <p className={classes.hint}>{t('readiness.intro')}</p>
      </div>
      <RunLine run={readiness.run} />
      <Lights rows={rows} />
      <div className={classes.bar}>
        <RunButtons rows={rows} isAll={schedule === null} />
        <span className={classes.space} />
        <SegmentedControl
          aria-label={t('readiness.order')}
          value={order}
          onChange={(value) => setOrder(value as Order)}
          data={[
            { value: 'worst', label: t('readiness.worstFirst') },
            { value: 'directory', label: t('readiness.byDirectory') },
          ]}
        />
        <Button variant="default" onClick={() => save(shown)} data-testid="readiness-csv">
          {t('readiness.csv')}
        </Button>
        <Button variant="default" onClick={() => window.print()}>
          {t('readiness.print')}
        </Button>
      </div>
      <Board rows={shown} />
    </main>
  );
}

/** All sites, or those of one booking. */
function useRows(readiness: Found, schedule: number | null): BoardRow[] {
  const sites = useSites();
  const question = useMemo(() => (schedule === null ? null : { schedule }), [schedule]);
  const { answer } = useAnswer('schedule.get', question, NO_EVENTS);
  return useMemo(() => {
    const codes = answer && new Set(answer.plan.sites);
    const wanted = codes ? sites.filter(({ code }) => codes.has(code)) : sites;
    return boardOf(wanted, readiness);
  }, [sites, readiness, answer]);
}

function RunLine({ run }: { run: ReadinessRun }) {
  const { t } = useTranslation();
  const text = (): string => {
    if (run.running) {
      return t('readiness.running', { count: run.left });
    }
    if (run.begun_ms === null) {
      return t('readiness.never');
    }
    const by = run.by === 'schedule' ? t('readiness.bySchedule') : (run.by ?? '');
    return t('readiness.last', { when: formatMoment(run.begun_ms), by });
  };
  return (
    <p className={classes.run} role="status" aria-live="polite" data-testid="readiness-run" data-running={run.running}>
      {text()}
    </p>
  );
}

function RunButtons({ rows, isAll }: { rows: readonly BoardRow[]; isAll: boolean }) {
  const { t } = useTranslation();
  const { client } = useLive();
  const { attempt } = useToasts();
  const failed = rows.filter(({ exam }) => exam.light === 'bad' || exam.light === 'fair').map(({ site }) => site.code);
  const run = (sites: string[] | null): void => {
    void attempt(client.request('readiness.run', sites ? { sites } : {}));
  };
  return (
    <>
      <Button
        leftSection={<Icon name="check" />}
        disabled={rows.length === 0}
        onClick={() => run(isAll ? null : rows.map(({ site }) => site.code))}
        data-testid="readiness-start"
      >
        {t('readiness.start', { count: rows.length })}
      </Button>
      <Button variant="light" disabled={failed.length === 0} onClick={() => run(failed)}>
        {t('readiness.again', { count: failed.length })}
      </Button>
    </>
  );
}
