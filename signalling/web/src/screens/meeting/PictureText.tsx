import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useToasts } from '../../parts/Toaster';
import { BANNER_MAX, type Meeting, type View, type ViewText } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import classes from './PictureText.module.css';

/** What is written on the picture: a message, the title, the clock; one view at a time. */
export function PictureText({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(0);
  const view = meeting.views.find(({ id }) => id === chosen) ?? meeting.views[0];
  if (!view) {
    return null;
  }
  return (
    <section className={classes.panel} aria-label={t('pictureText.title')}>
      {meeting.views.length > 1 && (
        <NativeSelect
          label={t('pictureText.view')}
          value={view.id}
          onChange={(event) => setChosen(Number(event.currentTarget.value))}
          data={meeting.views.map(({ id, name }) => ({
            value: String(id),
            label: name || t('pictureText.viewNumber', { number: id + 1 }),
          }))}
          data-testid="text-view"
        />
      )}
      <Texts key={view.id} meeting={meeting} view={view} />
    </section>
  );
}

function Texts({ meeting, view }: { meeting: Meeting; view: View }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const [text, setText] = useState(view.banner ?? '');
  useEffect(() => setText(view.banner ?? ''), [view.banner]);

  const write = (change: Partial<ViewText>): void =>
    void attempt(live.client.request('view.banner', { meeting: meeting.id, view: view.id, ...change }));
  const wanted = text.trim();

  return (
    <>
      <form
        className={classes.message}
        onSubmit={(event) => {
          event.preventDefault();
          write({ banner: wanted || null });
        }}
      >
        <TextInput
          className={classes.input}
          label={t('pictureText.banner')}
          placeholder={t('pictureText.bannerHint')}
          maxLength={BANNER_MAX}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          data-testid="banner"
        />
        <Button type="submit" disabled={wanted === (view.banner ?? '')} data-testid="banner-show">
          {t('pictureText.show')}
        </Button>
        {view.banner !== null && (
          <Button variant="default" onClick={() => write({ banner: null })} data-testid="banner-clear">
            {t('pictureText.clear')}
          </Button>
        )}
      </form>
      <div className={classes.switches}>
        <Switch
          checked={view.show_title}
          onChange={(event) => write({ show_title: event.currentTarget.checked })}
          label={t('pictureText.showTitle')}
          data-testid="text-title"
        />
        <Switch
          checked={view.clock}
          onChange={(event) => write({ clock: event.currentTarget.checked })}
          label={t('pictureText.clock')}
          data-testid="text-clock"
        />
      </div>
    </>
  );
}
