import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatTime } from '../../i18n/format';
import { Icon } from '../../parts/icons';
import { StateMark } from '../../parts/StateMark';
import { PARTS, type Checked, type Exam, type Part } from '../../protocol';
import type { BoardRow } from '../../state/readiness';
import { LIGHT_MARKS } from './marks';
import classes from './Readiness.module.css';
import { useWords } from './useWords';

export function Board({ rows }: { rows: readonly BoardRow[] }) {
  const { t } = useTranslation();
  return (
    <div className={classes.scroll}>
      <table className={classes.board} data-testid="readiness-board">
        <thead>
          <tr>
            <th scope="col">{t('readiness.site')}</th>
            <th scope="col">{t('readiness.result')}</th>
            {PARTS.map((part) => (
              <th key={part} scope="col" className={classes.part}>
                {t(`readiness.part.${part}`)}
              </th>
            ))}
            <th scope="col">{t('readiness.why')}</th>
            <th scope="col">{t('readiness.at')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ site, exam }) => (
            <Row key={site.code} name={site.name} exam={exam} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Row = memo(function Row({ name, exam }: { name: string; exam: Exam }) {
  const { t } = useTranslation();
  const { ofExam } = useWords();
  const isBusy = exam.state === 'waiting' || exam.state === 'asked';
  return (
    <tr data-testid={`exam-${exam.site}`} data-light={exam.light} data-state={exam.state}>
      <th scope="row">
        {name} <span className={classes.code}>{exam.site}</span>
        {exam.simulated && <span className={classes.code}> ({t('readiness.simulated')})</span>}
      </th>
      <td>
        {isBusy ? (
          <StateMark tone="wait" icon="connecting" text={t(`readiness.${exam.state as 'waiting' | 'asked'}`)} />
        ) : (
          <StateMark {...LIGHT_MARKS[exam.light]} text={t(`readiness.light.${exam.light}`)} />
        )}
      </td>
      {PARTS.map((part) => (
        <td key={part} className={classes.part}>
          {exam.checks && <Dot part={part} checked={exam.checks[part]} />}
        </td>
      ))}
      <td className={classes.why}>{ofExam(exam)}</td>
      <td className={classes.at}>{exam.at_ms !== null && formatTime(exam.at_ms)}</td>
    </tr>
  );
});

/** One part: a sign in its colour, and what was found in a word. */
function Dot({ part, checked }: { part: Part; checked: Checked }) {
  const { t } = useTranslation();
  const { ofPart } = useWords();
  const { tone, icon } = LIGHT_MARKS[checked.light];
  const text = `${t(`readiness.part.${part}`)}: ${ofPart(part, checked)}`;
  return (
    <span className={classes.dot} data-tone={tone} role="img" aria-label={text} title={text}>
      <Icon name={checked.light === 'untested' ? 'minus' : icon} size={16} />
    </span>
  );
}
