import { Button, Modal } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icons';
import { SitePicker } from '../../parts/sites/SitePicker';
import { useSelection } from '../../parts/sites/useSelection';
import { useToasts } from '../../parts/Toaster';
import type { Meeting } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { useSites } from '../../state/useSites';
import classes from './Meeting.module.css';

/** Calls more sites into a meeting that is running. */
export function AddSites({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Icon name="plus" size={16} />}
        onClick={() => setOpen(true)}
        data-testid="add-sites"
      >
        {t('meeting.add')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={t('meeting.addTitle')}
        size="xl"
        lockScroll={false}
        closeButtonProps={{ 'aria-label': t('app.close') }}
      >
        <AddForm meeting={meeting} onDone={() => setOpen(false)} />
      </Modal>
    </>
  );
}

function AddForm({ meeting, onDone }: { meeting: Meeting; onDone: () => void }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const selection = useSelection();
  const sites = useSites();
  const outside = useMemo(() => {
    const inside = new Set(meeting.seats.map((seat) => seat.site));
    return sites.filter((site) => !inside.has(site.code));
  }, [sites, meeting.seats]);
  const chosen = outside.filter((site) => selection.codes.has(site.code)).map((site) => site.code);

  const add = async (): Promise<void> => {
    const request = live.client.request('seat.add', { meeting: meeting.id, sites: chosen });
    if (await attempt(request)) {
      onDone();
    }
  };

  return (
    <>
      <SitePicker sites={outside} selection={selection} />
      <div className={classes.addBar}>
        <Button disabled={chosen.length === 0} onClick={() => void add()} data-testid="add-confirm">
          {t('meeting.addSubmit', { count: chosen.length })}
        </Button>
      </div>
    </>
  );
}
