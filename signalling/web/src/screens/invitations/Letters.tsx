import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../i18n/format';
import type { IconName } from '../../parts/icons';
import { StateMark, type Tone } from '../../parts/StateMark';
import type { Invitation, Site } from '../../protocol';
import classes from './Invitations.module.css';

export interface LetterRow {
  site: Site;
  /** Where the next letter goes; null: nowhere. */
  email: string | null;
  /** The letter that was sent; null: none yet. */
  letter: Invitation | null;
}

const STATE_MARKS: Record<Invitation['state'], { tone: Tone; icon: IconName }> = {
  queued: { tone: 'wait', icon: 'connecting' },
  sent: { tone: 'online', icon: 'online' },
  failed: { tone: 'bad', icon: 'missing' },
  cancelling: { tone: 'wait', icon: 'connecting' },
  cancelled: { tone: 'offline', icon: 'remove' },
};

export function Letters({ rows }: { rows: readonly LetterRow[] }) {
  const { t } = useTranslation();
  return (
    <div className={classes.scroll}>
      <table className={classes.table} data-testid="invitations">
        <thead>
          <tr>
            <th scope="col">{t('readiness.site')}</th>
            <th scope="col">{t('invitation.email')}</th>
            <th scope="col">{t('invitation.letter')}</th>
            <th scope="col">{t('invitation.answer')}</th>
            <th scope="col">{t('invitation.names')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.site.code} {...row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ site, email, letter }: LetterRow) {
  const { t } = useTranslation();
  return (
    <tr data-testid={`invitation-${site.code}`} data-state={letter?.state ?? 'none'} data-answer={letter?.answer ?? ''}>
      <th scope="row">{site.name}</th>
      <td>{email ?? <span className={classes.hint}>{t('invitation.noEmail')}</span>}</td>
      <td>
        {letter && <StateMark {...STATE_MARKS[letter.state]} text={t(`invitation.state.${letter.state}`)} />}
        {letter?.sent_ms != null && <span className={classes.hint}> {formatMoment(letter.sent_ms)}</span>}
        {letter?.detail && (
          <p className={classes.detail} lang="en">
            {letter.detail}
          </p>
        )}
      </td>
      <td>{letter?.answer && t(`invitation.${letter.answer}`)}</td>
      <td className={classes.names}>{letter?.names}</td>
    </tr>
  );
}
