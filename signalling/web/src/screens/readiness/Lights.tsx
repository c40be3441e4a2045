import { useTranslation } from 'react-i18next';
import { StateMark } from '../../parts/StateMark';
import { countLights, type BoardRow } from '../../state/readiness';
import { LIGHT_MARKS } from './marks';
import classes from './Readiness.module.css';

const SHOWN = ['good', 'fair', 'bad', 'untested'] as const;

/** How many sites have each light. */
export function Lights({ rows }: { rows: readonly BoardRow[] }) {
  const { t } = useTranslation();
  const counts = countLights(rows);
  return (
    <ul className={classes.lights}>
      {SHOWN.map((light) => (
        <li key={light} className={classes.light} data-testid={`lights-${light}`} data-count={counts[light]}>
          <span className={classes.count}>{counts[light]}</span>
          <StateMark {...LIGHT_MARKS[light]} text={t(`readiness.light.${light}`)} />
        </li>
      ))}
    </ul>
  );
}
