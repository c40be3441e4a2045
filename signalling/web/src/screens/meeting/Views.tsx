import { ActionIcon, Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import type { MediaSession, MediaState } from '../../media/session';
import { Icon } from '../../parts/icons';
import { LayoutDrawing } from '../../parts/LayoutDrawing';
import { useToasts } from '../../parts/Toaster';
import type { Layout, Meeting, Preset, View } from '../../protocol';
import { audienceKey, audienceOf } from '../../state/audience';
import { useLive } from '../../state/LiveContext';
import { useLayouts } from '../../state/useLayouts';
import { AudiencePicker, useAudienceText } from './AudiencePicker';
import classes from './Views.module.css';

const VIEWS_MOST = 8;

export interface ViewsProps {
  meeting: Meeting;
  session: MediaSession;
  media: MediaState;
  mayLead: boolean;
}

/** The pictures of a meeting: who watches which, and which one this page shows. */
export function Views(props: ViewsProps) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Icon name="meeting" size={16} />}
        onClick={() => setOpen(true)}
        data-testid="views"
      >
        {t('views.button')} ({props.meeting.views.length})
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={t('views.title')}
        size="lg"
        lockScroll={false}
        closeButtonProps={{ 'aria-label': t('app.close') }}
      >
        <p className={classes.intro}>{t('views.intro')}</p>
        <ViewList {...props} />
      </Modal>
    </>
  );
}

function ViewList({ meeting, session, media, mayLead }: ViewsProps) {
  const { t } = useTranslation();
  const [edited, setEdited] = useState<View | 'new' | null>(null);
  const shown = media.view ?? meeting.seats.find((seat) => seat.source === media.source)?.view ?? 0;
  const isFull = meeting.views.length >= VIEWS_MOST;
  return (
    <>
      <ul className={classes.list}>
        {meeting.views.map((view) => (
          <ViewRow
            key={view.id}
            {...{ meeting, session, view, mayLead }}
            isShown={view.id === shown}
            onEdit={() => setEdited(view)}
          />
        ))}
      </ul>
      {mayLead &&
        (edited === null ? (
          <div className={classes.acts}>
            <Button disabled={isFull} onClick={() => setEdited('new')} data-testid="view-new">
              {t('views.new')}
            </Button>
            <Presets meeting={meeting} />
          </div>
        ) : (
          <ViewForm
            key={edited === 'new' ? 'new' : edited.id}
            meeting={meeting}
            view={edited === 'new' ? null : edited}
            onDone={() => setEdited(null)}
          />
        ))}
      {isFull && <p className={classes.dim}>{t('views.full', { most: VIEWS_MOST })}</p>}
    </>
  );
}

function useViewName(): (view: View) => string {
  const { t } = useTranslation();
  return (view) => view.name || t('views.unnamed', { id: view.id });
}

interface RowProps {
  meeting: Meeting;
  session: MediaSession;
  view: View;
  mayLead: boolean;
  isShown: boolean;
  onEdit: () => void;
}

function ViewRow({ meeting, session, view, mayLead, isShown, onEdit }: RowProps) {
  const { t } = useTranslation();
  const live = useLive();
  const layout = useLayouts().find(({ name }) => name === view.layout);
  const audienceText = useAudienceText();
  const name = useViewName()(view);
  const { notify, attempt } = useToasts();
  const watchers = meeting.seats.filter((seat) => seat.state === 'joined' && seat.view === view.id).length;

  const remove = async (): Promise<void> => {
    if (await attempt(live.client.request('view.remove', { meeting: meeting.id, view: view.id }))) {
      const undo = { meeting: meeting.id, view };
      notify({
        text: t('views.removed', { name }),
        action: { label: t('app.undo'), run: () => void attempt(live.client.request('view.set', undo)) },
      });
    }
  };

  return (
    <li className={classes.row} data-testid={`view-${view.id}`} data-shown={isShown}>
      <div className={classes.drawing}>{layout && <LayoutDrawing cells={layout.cells} />}</div>
      <div className={classes.words}>
        <strong>{name}</strong>
        <span className={classes.dim}>
          {audienceText(view.audience)} · {t('views.watchers', { count: watchers })}
        </span>
      </div>
      {isShown ? (
        <span className={classes.shown}>
          <Icon name="online" size={16} /> {t('views.watching')}
        </span>
      ) : (
        <Button
          variant="light"
          size="compact-sm"
          aria-label={t('views.watchName', { name })}
          onClick={() => void attempt(session.watch(view.id))}
          data-testid={`view-watch-${view.id}`}
        >
          {t('views.watch')}
        </Button>
      )}
      {mayLead && (
        <ActionIcon variant="subtle" aria-label={t('views.edit', { name })} onClick={onEdit} data-testid={`view-edit-${view.id}`}>
          <Icon name="pencil" size={18} />
        </ActionIcon>
      )}
      {mayLead && view.id !== 0 && (
        <ActionIcon
          variant="subtle"
          color="red"
          aria-label={t('views.remove', { name })}
          onClick={() => void remove()}
          data-testid={`view-remove-${view.id}`}
        >
          <Icon name="remove" size={18} />
        </ActionIcon>
      )}
    </li>
  );
}

function Presets({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const [presets, setPresets] = useState<Preset[]>([]);
  const [name, setName] = useState('');
  const chosen = presets.find((preset) => preset.name === name);

  useEffect(() => {
    let isShown = true;
    live.client.request('view.list', { meeting: meeting.id }).then(
      (reply) => isShown && setPresets(reply.presets),
      () => undefined,
    );
    return () => {
      isShown = false;
    };
  }, [live, meeting.id]);

  const apply = async (): Promise<void> => {
    if (await attempt(live.client.request('view.preset', { meeting: meeting.id, preset: name }))) {
      setName('');
    }
  };

  return (
    <div className={classes.presets}>
      <NativeSelect
        label={t('views.preset')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data={[
          { value: '', label: '—' },
          ...presets.map((preset) => ({ value: preset.name, label: preset.title[language()] })),
        ]}
        data-testid="view-preset"
      />
      {chosen && (
        <>
          <p className={classes.dim}>{t('views.presetAsk', { title: chosen.title[language()] })}</p>
          <Button variant="light" color="red" onClick={() => void apply()} data-testid="view-preset-apply">
            {t('views.presetApply')}
          </Button>
        </>
      )}
    </div>
  );
}

function ViewForm({ meeting, view, onDone }: { meeting: Meeting; view: View | null; onDone: () => void }) {
  const { t } = useTranslation();
  const live = useLive();
  const layouts = useLayouts();
  const { attempt } = useToasts();
  const [name, setName] = useState(view?.name ?? '');
  const [layout, setLayout] = useState(view?.layout ?? meeting.layout);
  const [audience, setAudience] = useState(view ? audienceKey(view.audience) : 'chair');

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const wish = { ...view, name: name.trim(), layout, audience: audienceOf(audience) };
    if (await attempt(live.client.request('view.set', { meeting: meeting.id, view: wish }))) {
      onDone();
    }
  };

  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)} data-testid="view-form">
      <TextInput
        label={t('views.name')}
        value={name}
        maxLength={100}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
        data-testid="view-name"
      />
      <NativeSelect
        label={t('views.layout')}
        value={layout}
        onChange={(event) => setLayout(event.currentTarget.value)}
        data={layouts.map((each: Layout) => ({ value: each.name, label: `${each.name}: ${each.title[language()]}` }))}
        data-testid="view-layout"
      />
      {view?.id !== 0 && (
        <AudiencePicker
          label={t('views.audience')}
          testId="view-audience"
          meeting={meeting}
          value={audience}
          onChange={setAudience}
        />
      )}
      <div className={classes.answers}>
        <Button variant="default" onClick={onDone}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" data-testid="view-save">
          {t(view ? 'views.save' : 'views.create')}
        </Button>
      </div>
    </form>
  );
}
