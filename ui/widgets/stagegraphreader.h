#pragma once

namespace signalbox
{

class StageGraphView;

// What screen readers see of a StageGraphView: a list whose items are the boxes, each with its state and an action.
void installStageGraphReader();                             // once is enough
void tellStageFocus(StageGraphView *graph, int index);      // the keyboard is at that box now
void tellStageChange(StageGraphView *graph, int index);     // it is in another state, or has another name
void tellStagesReplaced(StageGraphView *graph, int before); // other boxes, as of another run; there were so many

} // namespace signalbox
