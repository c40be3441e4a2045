import { ActionIcon, Modal } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icons';
import type { Invitation, Meeting } from '../../protocol';
import { useAnswer } from '../../state/useAnswer';
import classes from './Attendees.module.css';

const EVENTS = ['invitation'] as const;

/** Who comes, as the invited sites have said it. Nothing for a meeting without invitations. */
export function Attendees({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const question = useMemo(() => ({ meeting: meeting.id }), [meeting.id]);
  const answered = useAnswer('invitation.list', question, EVENTS).answer?.invitations.filter(({ answer }) => answer);
  if (!answered || answered.length === 0) {
    return null;
  }
  const nameOf = ({ site }: Invitation): string => meeting.seats.find((seat) => seat.site === site)?.name ?? site;
  return (
    <>
      <ActionIcon
        variant="subtle"
        size="lg"
        aria-label={t('invitation.attendees')}
        title={t('invitation.attendees')}
        onClick={() => setOpen(true)}
        data-testid="attendees"
      >
        <Icon name="letter" size={20} />
      </ActionIcon>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={t('invitation.attendees')}
        lockScroll={false}
        centered
        size="lg"
        closeButtonProps={{ 'aria-label': t('app.close') }}
      >
        <dl className={classes.list}>
          {answered.map((invitation) => (
            <div key={invitation.site} className={classes.site}>
              <dt>{nameOf(invitation)}</dt>
              <dd className={classes.names}>
                {invitation.answer === 'declined' ? t('invitation.declined') : invitation.names || t('invitation.accepted')}
              </dd>
            </div>
          ))}
        </dl>
      </Modal>
    </>
  );
}
