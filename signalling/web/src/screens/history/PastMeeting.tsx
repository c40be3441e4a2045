import { ActionIcon, Button, TextInput } from '@mantine/core';
import { Fragment, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDuration, formatMoment, formatTime } from '../../i18n/format';
import { Icon } from '../../parts/icons';
import { useTitle } from '../../parts/useTitle';
import { REPORT_STATUSES, type MeetingId, type Report, type ReportRow } from '../../protocol';
import { REPORT_FORMATS, reportFile } from '../../protocol/rest';
import { byAgency } from '../../state/report';
import { matches } from '../../state/search';
import { useReport } from '../../state/useReport';
import classes from './History.module.css';

/** The report of one meeting: who attended, and the files to keep. */
export function PastMeeting({ id }: { id: MeetingId }) {
  const { t } = useTranslation();
  const { report, isMissing } = useReport(id);
  useTitle(report?.title ?? t('history.report'));
  return (
    <main id="main" className={classes.main}>
      <div className={classes.head}>
        <ActionIcon
          component="a"
          href="#/history"
          variant="subtle"
          size="lg"
          aria-label={t('history.back')}
          title={t('history.back')}
        >
          <Icon name="back" size={20} />
        </ActionIcon>
        <h1 className={classes.title}>{report?.title ?? t('history.report')}</h1>
      </div>
      {isMissing && <p role="status">{t('history.unknown')}</p>}
      {report && <Shown report={report} />}
    </main>
  );
}

function Shown({ report }: { report: Report }) {
  const { t } = useTranslation();
  const end = report.closed_ms === null ? t('history.open') : formatMoment(report.closed_ms);
  return (
    <>
      <p>{t('history.time', { from: formatMoment(report.opened_ms), to: end })}</p>
      <ul className={classes.counts} data-testid="report-counts">
        {REPORT_STATUSES.map((status) => (
          <li key={status} data-status={status}>
            <b>{report.counts[status]}</b> {t(`roll.${status}`)}
          </li>
        ))}
      </ul>
      <div className={classes.files}>
        {REPORT_FORMATS.map((format) => (
          <Button
            key={format}
            component="a"
            href={reportFile(report.meeting, format)}
            download
            variant={format === 'pdf' ? 'filled' : 'default'}
            leftSection={<Icon name="file" />}
            data-testid={`report-${format}`}
          >
            {t('history.download', { format: format.toUpperCase() })}
          </Button>
        ))}
      </div>
      <Table rows={report.rows} />
    </>
  );
}

function Table({ rows }: { rows: ReportRow[] }) {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const groups = useMemo(
    () => byAgency(rows.filter((row) => matches(query, `${row.name} ${row.site} ${row.agency}`))),
    [rows, query],
  );
  const columns = ['site', 'status', 'joined', 'until', 'present', 'talk', 'drops'] as const;
  return (
    <>
      <TextInput
        aria-label={t('history.find')}
        placeholder={t('history.find')}
        leftSection={<Icon name="search" />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        autoComplete="off"
        data-testid="report-search"
      />
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('history.report')}>
        <table className={classes.table}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {t(`history.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map(({ agency, members }) => (
              <Fragment key={agency}>
                <tr className={classes.agency}>
                  <th colSpan={columns.length} scope="rowgroup">
                    {agency || t('history.noAgency')}
                  </th>
                </tr>
                {members.map((row) => (
                  <Row key={row.site} row={row} />
                ))}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row({ row }: { row: ReportRow }) {
  const { t } = useTranslation();
  const time = (ms: number | null): string => (ms === null ? '' : formatTime(ms));
  return (
    <tr data-testid={`report-row-${row.site}`}>
      <td>{row.name}</td>
      <td>
        <span className={classes.status} data-status={row.status}>
          {t(`roll.${row.status}`)}
        </span>
        {row.reason && `: ${row.reason}`}
        {row.by_chair && <span className={classes.hint}> ({t('history.byChair')})</span>}
      </td>
      <td>{time(row.joined_ms)}</td>
      <td>{time(row.until_ms)}</td>
      <td>{t('history.minutes', { minutes: Math.floor(row.present_s / 60) })}</td>
      <td>{formatDuration(row.talk_s * 1000)}</td>
      <td>{row.drops}</td>
    </tr>
  );
}
