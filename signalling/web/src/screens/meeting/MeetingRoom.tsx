import { useTranslation } from 'react-i18next';
import { useMedia } from '../../media/useMedia';
import { LayoutPicker } from '../../parts/LayoutPicker';
import { useToasts } from '../../parts/Toaster';
import { useTitle } from '../../parts/useTitle';
import type { Meeting, User } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { useLayouts } from '../../state/useLayouts';
import { useStored } from '../../state/useStored';
import classes from './Meeting.module.css';
import { MeetingHead } from './MeetingHead';
import { OwnControls } from './OwnControls';
import { PictureText } from './PictureText';
import { Program } from './Program';
import { Side } from './Side';
import { Streams } from './Streams';
import { Views } from './Views';

export interface RoomProps {
  meeting: Meeting;
  user: User;
}

export function MeetingRoom({ meeting, user }: RoomProps) {
  const { t } = useTranslation();
  const live = useLive();
  const layouts = useLayouts();
  const { attempt } = useToasts();
  const { session, media } = useMedia(meeting.id);
  const [selfView, setSelfView] = useStored('selfview', true);
  const mayLead = user.role !== 'technician';
  useTitle(meeting.title);

  const shown = meeting.views.find(({ id }) => id === media.view);

  const setLayout = (layout: string): void => {
    void attempt(live.client.request('meeting.layout', { meeting: meeting.id, layout, ...(shown && { view: shown.id }) }));
  };

  return (
    <main id="main" className={classes.room}>
      <MeetingHead meeting={meeting} mayLead={mayLead} />
      <div className={classes.stage}>
        <Program meeting={meeting} media={media} selfView={selfView} />
        <OwnControls
          meeting={meeting}
          session={session}
          media={media}
          mayLead={mayLead}
          selfView={selfView}
          onSelfView={setSelfView}
        />
        <LayoutPicker
          label={t('meeting.layout')}
          layouts={layouts}
          value={shown?.layout ?? meeting.layout}
          disabled={!mayLead}
          onChange={setLayout}
        />
        <div className={classes.pictures}>
          <Views meeting={meeting} session={session} media={media} mayLead={mayLead} />
          <Streams meeting={meeting} />
        </div>
        {mayLead && <PictureText meeting={meeting} />}
      </div>
      <Side meeting={meeting} own={media.source} mayLead={mayLead} />
    </main>
  );
}
