#include "ui/pages/pipelines/attemptchoice.h"

namespace signalbox
{

void AttemptChoice::choose(PipelineSource &source, const RunRef &run, int number)
{
    const bool isSame = m_number == number && m_detail && m_detail->run.ref == run;
    if (!isSame)
        m_detail.reset();
    m_error.reset();
    m_number = number;
    m_ask.run(
        this, [&source, &run, number](const StopToken &stop) { return source.attempt(run, number, stop); },
        [this](const Result<RunDetail> &answer) {
            if (answer)
                m_detail = *answer;
            else
                m_error = answer.error();
            emit changed();
        });
}

void AttemptChoice::chooseNewest()
{
    m_ask.cancel();
    m_number = 0;
    m_detail.reset();
    m_error.reset();
}

} // namespace signalbox
