<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AllowedSigners</name>
    <message>
        <source>the principals are not closed by a quote</source>
        <translation>签名主体的引号没有闭合</translation>
    </message>
    <message>
        <source>there is no key; it should read PRINCIPALS [OPTIONS] TYPE KEY</source>
        <translation>没有密钥；应写作 PRINCIPALS [OPTIONS] TYPE KEY</translation>
    </message>
    <message>
        <source>valid-before is not later than valid-after</source>
        <translation>valid-before 不晚于 valid-after</translation>
    </message>
    <message>
        <source>cert-authority is not accepted in a ledger: certificates are not verified here. List the person&apos;s own key instead</source>
        <translation>台账中不接受 cert-authority：这里不验证证书。请改为列出该人员自己的密钥</translation>
    </message>
    <message>
        <source>%1 is given twice</source>
        <translation>%1 重复出现</translation>
    </message>
    <message>
        <source>%1 needs a time in quotes</source>
        <translation>%1 需要一个带引号的时间</translation>
    </message>
    <message>
        <source>%1 is no time: &quot;%2&quot; should be YYYYMMDD or YYYYMMDDHHMM[SS], best with a Z for UTC</source>
        <translation>%1 不是时间：“%2”应为 YYYYMMDD 或 YYYYMMDDHHMM[SS]，最好带 Z 表示 UTC</translation>
    </message>
    <message>
        <source>namespaces is given twice</source>
        <translation>namespaces 重复出现</translation>
    </message>
    <message>
        <source>namespaces needs a list in quotes, for example namespaces=&quot;git&quot;</source>
        <translation>namespaces 需要一个带引号的列表，例如 namespaces=&quot;git&quot;</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is neither an option nor a key&apos;s type; the options are namespaces=, valid-after= and valid-before=</source>
        <translation>“%1”既不是选项，也不是密钥类型；选项有 namespaces=、valid-after= 和 valid-before=</translation>
    </message>
    <message>
        <source>a comma or a space should follow after an option</source>
        <translation>选项之后应为逗号或空格</translation>
    </message>
    <message>
        <source>an option should follow after the comma</source>
        <translation>逗号之后应为选项</translation>
    </message>
    <message>
        <source>%1 is too large to be a list of signers.</source>
        <translation>%1 太大，不可能是签名者列表。</translation>
    </message>
    <message>
        <source>%1, line %2: %3.</source>
        <translation>%1 第 %2 行：%3。</translation>
    </message>
    <message>
        <source>%1, line %2: a time without Z is read in the zone of each reader&apos;s machine; write it in UTC, with a Z.</source>
        <translation>%1 第 %2 行：不带 Z 的时间会按每个读取者机器的时区解读；请用 UTC 书写并带上 Z。</translation>
    </message>
</context>
<context>
    <name>Async</name>
    <message>
        <source>no answer within %1 s</source>
        <translation>%1 秒内没有应答</translation>
    </message>
</context>
<context>
    <name>Changes</name>
    <message numerus="yes">
        <source>%1 is not merged back to %2: %n commit(s)</source>
        <translation>
            <numerusform>%1 尚未合并回 %2：%n 个提交</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n release branch(es)</source>
        <translation>
            <numerusform>%n 个 release 分支</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hotfix branch(es)</source>
        <translation>
            <numerusform>%n 个 hotfix 分支</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n feature branch(es)</source>
        <translation>
            <numerusform>%n 个 feature 分支</numerusform>
        </translation>
    </message>
    <message>
        <source>Git Flow</source>
        <translation>Git Flow</translation>
    </message>
    <message>
        <source>GitHub Flow</source>
        <translation>GitHub Flow</translation>
    </message>
    <message>
        <source>%1 is %2 ahead of %3 and %4 behind it</source>
        <translation>%1 比 %3 领先 %2，落后 %4</translation>
    </message>
    <message>
        <source>%1 is %2 ahead of %3</source>
        <translation>%1 比 %3 领先 %2</translation>
    </message>
    <message>
        <source>%1 lacks %2 of %3</source>
        <translation>%1 缺少 %3 的 %2</translation>
    </message>
</context>
<context>
    <name>ChartSeries</name>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>no track</source>
        <translation>无轨道</translation>
    </message>
</context>
<context>
    <name>Connections</name>
    <message>
        <source>Kubernetes</source>
        <translation>Kubernetes</translation>
    </message>
    <message>
        <source>Prometheus</source>
        <translation>Prometheus</translation>
    </message>
</context>
<context>
    <name>Console</name>
    <message>
        <source>operator</source>
        <translation>操作员</translation>
    </message>
</context>
<context>
    <name>ConsolePages</name>
    <message>
        <source>Overview</source>
        <translation>总览</translation>
    </message>
    <message>
        <source>Promotions</source>
        <translation>晋级</translation>
    </message>
    <message>
        <source>Traffic</source>
        <translation>流量</translation>
    </message>
    <message>
        <source>Rollback</source>
        <translation>回滚</translation>
    </message>
    <message>
        <source>Cluster</source>
        <translation>集群</translation>
    </message>
    <message>
        <source>Metrics</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Ledger</source>
        <translation>台账</translation>
    </message>
    <message>
        <source>Fire drills</source>
        <translation>故障演练</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Pipelines</source>
        <translation>流水线</translation>
    </message>
</context>
<context>
    <name>CredentialStore</name>
    <message>
        <source>The environment variable %1 is not set. Set it before Signalbox starts, or name another place for the secret.</source>
        <translation>环境变量 %1 未设置。请在启动 Signalbox 之前设置它，或为该密文指定其他存放位置。</translation>
    </message>
    <message>
        <source>The environment variable %1 is empty.</source>
        <translation>环境变量 %1 为空。</translation>
    </message>
    <message>
        <source>The file %1, which should hold a secret, does not exist.</source>
        <translation>应存放密文的文件 %1 不存在。</translation>
    </message>
    <message>
        <source>The file %1, which should hold a secret, cannot be read: %2.</source>
        <translation>应存放密文的文件 %1 无法读取：%2。</translation>
    </message>
    <message>
        <source>it is a folder</source>
        <translation>它是一个文件夹</translation>
    </message>
    <message>
        <source>The file %1 is too large to be a secret (over 64 KB).</source>
        <translation>文件 %1 太大，不可能是密文（超过 64 KB）。</translation>
    </message>
    <message>
        <source>The file %1, which should hold a secret, is empty.</source>
        <translation>应存放密文的文件 %1 为空。</translation>
    </message>
    <message>
        <source>Others on this machine can read the secret in %1. Let it be yours alone: chmod 600.</source>
        <translation>本机其他用户可以读取 %1 中的密文。请将其设为仅自己可读：chmod 600。</translation>
    </message>
    <message>
        <source>there is no desktop session here</source>
        <translation>当前没有桌面会话</translation>
    </message>
    <message>
        <source>The keychain cannot be asked for %1: %2. Name the secret as env:NAME or file:PATH instead.</source>
        <translation>无法向钥匙串查询 %1：%2。请改用 env:NAME 或 file:PATH 指定密文。</translation>
    </message>
    <message>
        <source>The keychain has no entry &quot;%1&quot; of the service &quot;%2&quot;. Add it with the desktop&apos;s keychain program, or name another place for the secret.</source>
        <translation>钥匙串中服务“%2”下没有条目“%1”。请用桌面的钥匙串程序添加，或为该密文指定其他存放位置。</translation>
    </message>
    <message>
        <source>Signalbox writes secrets into the keychain only; %1 is yours to set.</source>
        <translation>Signalbox 只会把密文写入钥匙串；%1 需由你自行设置。</translation>
    </message>
</context>
<context>
    <name>Deployer</name>
    <message>
        <source>how many of its %1 pods run it is not yours to see</source>
        <translation>其 %1 个 Pod 中有多少在运行它，你无权查看</translation>
    </message>
    <message>
        <source>%1 of %2 pods run it</source>
        <translation>%1 / %2 个 Pod 正在运行它</translation>
    </message>
</context>
<context>
    <name>Dora</name>
    <message>
        <source>too little data: %1 of at least %2 %3</source>
        <translation>数据太少：%3至少需 %2 次，现有 %1 次</translation>
    </message>
    <message>
        <source>too little data: the ledger covers %1 of at least %2 days</source>
        <translation>数据太少：台账覆盖 %1 天，至少需 %2 天</translation>
    </message>
    <message>
        <source>%1 in %2 days</source>
        <translation>%2 天内 %1 次</translation>
    </message>
    <message>
        <source>deployments whose commits are known</source>
        <translation>提交已知的部署</translation>
    </message>
    <message>
        <source>deployments</source>
        <translation>部署</translation>
    </message>
    <message>
        <source>rollbacks whose trouble has a known beginning</source>
        <translation>故障起点已知的回滚</translation>
    </message>
    <message>
        <source>Deployment frequency</source>
        <translation>部署频率</translation>
    </message>
    <message>
        <source>Lead time for changes</source>
        <translation>变更前置时间</translation>
    </message>
    <message>
        <source>Change failure rate</source>
        <translation>变更失败率</translation>
    </message>
    <message>
        <source>Time to restore</source>
        <translation>恢复时间</translation>
    </message>
    <message>
        <source>How often a promotion was observed in the environment, over the part of the time that the ledger covers. From 7 covered days on.</source>
        <translation>在台账覆盖的时间内，该环境中观察到晋级的频率。覆盖满 7 天后给出。</translation>
    </message>
    <message>
        <source>From a commit to its first promotion that was observed in the environment: the median over the commits that the promotions list. From 5 deployments on.</source>
        <translation>从提交到它首次在该环境中被观察到的晋级：取各次晋级所列提交的中位数。满 5 次部署后给出。</translation>
    </message>
    <message>
        <source>The share of promotions that changed the environment and then failed: not effective, taken back, or rolled back within 7 days and before the next one. From 10 deployments on.</source>
        <translation>改变了该环境而后失败的晋级所占比例：未生效、被撤回，或在 7 天内且在下一次晋级之前被回滚。满 10 次部署后给出。</translation>
    </message>
    <message>
        <source>From the start of the trouble to the observed effect of going back: the median over the rollbacks whose trouble has a known beginning. Drills do not count. From 3 rollbacks on.</source>
        <translation>从故障开始到观察到回退生效：取故障起点已知的各次回滚的中位数。演练不计入。满 3 次回滚后给出。</translation>
    </message>
    <message>
        <source>After DORA&apos;s four keys: dora.dev/guides/dora-metrics-four-keys, and Forsgren, Humble and Kim, Accelerate (2018). Everything is computed from the ledger&apos;s verified entries.</source>
        <translation>依据 DORA 的四项关键指标：dora.dev/guides/dora-metrics-four-keys，以及 Forsgren、Humble 和 Kim 的 Accelerate（2018）。全部由台账中已验证的条目计算得出。</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>a figure and its ground</comment>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>%1 a day</source>
        <translation>每天 %1 次</translation>
    </message>
    <message>
        <source>%1 a week</source>
        <translation>每周 %1 次</translation>
    </message>
    <message>
        <source>%1 a month</source>
        <translation>每月 %1 次</translation>
    </message>
    <message>
        <source>%1 commits in %2 deployments</source>
        <translation>%2 次部署中的 %1 个提交</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>%1 of %2 rollbacks</source>
        <translation>%2 次回滚中的 %1 次</translation>
    </message>
</context>
<context>
    <name>Drill</name>
    <message>
        <source>passed</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>with a mistake</source>
        <translation>有失误</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>未通过</translation>
    </message>
    <message>
        <source>abandoned</source>
        <translation>已放弃</translation>
    </message>
</context>
<context>
    <name>DrillStory</name>
    <message>
        <source>The last step</source>
        <translation>最后一步</translation>
    </message>
    <message>
        <source>A colleague has just given Blue, fraud-scorer 2.19.0, all of production&apos;s traffic and gone to lunch. Green, 2.18.1, still runs beside it. You have the pager.</source>
        <translation>一位同事刚刚把 production 的全部流量交给 Blue（fraud-scorer 2.19.0），然后去吃午饭了。Green（2.18.1）仍在旁边运行。现在由你值班。</translation>
    </message>
    <message>
        <source>Keep an eye on fraud-scorer. If customers are hurt, end it.</source>
        <translation>盯住 fraud-scorer。如果客户受到影响，请终止它。</translation>
    </message>
    <message>
        <source>Blue 2.19.0 began to fail one request in eight, which it does only under all of the traffic.</source>
        <translation>Blue 2.19.0 开始有八分之一的请求失败，这只在承担全部流量时才会发生。</translation>
    </message>
    <message>
        <source>More than 3 % of all requests failed.</source>
        <translation>超过 3 % 的请求失败。</translation>
    </message>
    <message>
        <source>The error rate rose above 3 %: Metrics and Rollback show it.</source>
        <translation>错误率升到 3 % 以上：“指标”和“回滚”页面都会显示。</translation>
    </message>
    <message>
        <source>Green was warm and carried everything at once.</source>
        <translation>Green 是热的，立刻就能承担全部流量。</translation>
    </message>
    <message>
        <source>It ends the errors, but every pod of Blue has to start again; Green was ready.</source>
        <translation>它能终止错误，但 Blue 的每个 Pod 都要重新启动；Green 当时已就绪。</translation>
    </message>
    <message>
        <source>The same version fails again.</source>
        <translation>同样的版本会再次出错。</translation>
    </message>
    <message>
        <source>More pods fail as many of the requests.</source>
        <translation>更多的 Pod，失败的请求一样多。</translation>
    </message>
    <message>
        <source>It was no false alarm: only the track that had just taken all traffic failed.</source>
        <translation>这不是虚惊：只有刚接管全部流量的轨道出错。</translation>
    </message>
    <message>
        <source>Ctrl+Shift+R from anywhere, or Traffic: all to Green. A track that ran until a minute ago needs no start: the way back takes a second, the rest is the time to see it.</source>
        <translation>在任何页面按 Ctrl+Shift+R，或在“流量”中：全部到 Green。一分钟前还在运行的轨道无需启动：回退只要一秒，其余都是发现问题的时间。</translation>
    </message>
    <message>
        <source>A slow climb</source>
        <translation>缓慢爬升</translation>
    </message>
    <message>
        <source>embedding-api 0.31.0 has been running for days. This morning it got a new kind of traffic: longer texts. Requests and errors look as ever.</source>
        <translation>embedding-api 0.31.0 已运行多日。今早它开始接收一类新流量：更长的文本。请求和错误看起来一切如常。</translation>
    </message>
    <message>
        <source>Keep an eye on embedding-api and keep it running, for good.</source>
        <translation>盯住 embedding-api，让它持续运行，而且是长久地运行。</translation>
    </message>
    <message>
        <source>Pods of 0.31.0 began to keep 4 MB every second; at their limit they are killed.</source>
        <translation>0.31.0 的 Pod 开始每秒多占 4 MB；达到上限就会被杀死。</translation>
    </message>
    <message>
        <source>A pod grew by more than 60 MB within 30 s.</source>
        <translation>有 Pod 在 30 秒内增长超过 60 MB。</translation>
    </message>
    <message>
        <source>Memory left its usual height: the curve in Metrics only climbs.</source>
        <translation>内存离开了平常的高度：“指标”中的曲线只升不降。</translation>
    </message>
    <message>
        <source>0.30.2 does not leak.</source>
        <translation>0.30.2 没有泄漏。</translation>
    </message>
    <message>
        <source>That version leaks as well.</source>
        <translation>那个版本也会泄漏。</translation>
    </message>
    <message>
        <source>It buys minutes: every new pod climbs again.</source>
        <translation>它只争取到几分钟：每个新的 Pod 又会爬升。</translation>
    </message>
    <message>
        <source>More pods climb as fast.</source>
        <translation>更多的 Pod 以同样的速度爬升。</translation>
    </message>
    <message>
        <source>It was no false alarm: without you the pods are killed one after the other.</source>
        <translation>这不是虚惊：没有你，Pod 会一个接一个被杀死。</translation>
    </message>
    <message>
        <source>Go back as soon as the curve of one pod only climbs, not when the first pod is killed: a roll-back replaces the pods in batches and needs a minute of its own.</source>
        <translation>当一个 Pod 的曲线只升不降时就回退，而不是等到第一个 Pod 被杀死：回滚会分批替换 Pod，本身也需要一分钟。</translation>
    </message>
    <message>
        <source>A third of the half</source>
        <translation>一半中的三分之一</translation>
    </message>
    <message>
        <source>search-ranker 7.10.0 (Green) has half of production&apos;s traffic, 7.9.3 (Blue) the other half. The next step to 100 % is yours to take when you are content.</source>
        <translation>search-ranker 7.10.0（Green）承担 production 一半的流量，7.9.3（Blue）承担另一半。等你满意时，由你执行切到 100 % 的下一步。</translation>
    </message>
    <message>
        <source>Judge Green and either go on or send everything back to Blue.</source>
        <translation>判断 Green，然后继续，或全部切回 Blue。</translation>
    </message>
    <message>
        <source>Green&apos;s pods in zone eu-west-1b began to answer six times slower; those in the other zones did not.</source>
        <translation>Green 在可用区 eu-west-1b 的 Pod 开始慢了六倍；其他可用区的没有。</translation>
    </message>
    <message>
        <source>In eu-west-1b one request in twenty took longer than 300 ms.</source>
        <translation>在 eu-west-1b，二十个请求中有一个超过 300 毫秒。</translation>
    </message>
    <message>
        <source>Green&apos;s p95 latency rose above 250 ms while Blue&apos;s stayed: Metrics shows it by track.</source>
        <translation>Green 的 p95 延迟升到 250 毫秒以上，而 Blue 保持不变：“指标”按轨道显示。</translation>
    </message>
    <message>
        <source>Blue&apos;s pods answer alike in every zone.</source>
        <translation>Blue 的 Pod 在每个可用区表现一致。</translation>
    </message>
    <message>
        <source>Going on gave the slow pods more requests. An average over zones hides a third that is slow.</source>
        <translation>继续切流让慢的 Pod 得到更多请求。跨可用区的平均值会掩盖变慢的三分之一。</translation>
    </message>
    <message>
        <source>Fewer people wait, but those who do wait as long.</source>
        <translation>等待的人少了，但等待的人仍等得一样久。</translation>
    </message>
    <message>
        <source>It ends it, but Blue was warm: all to Blue takes a second.</source>
        <translation>它能终止问题，但 Blue 是热的：全部切到 Blue 只要一秒。</translation>
    </message>
    <message>
        <source>Blue was not the slow one.</source>
        <translation>慢的不是 Blue。</translation>
    </message>
    <message>
        <source>The new pods come up in the same zones.</source>
        <translation>新的 Pod 会在同样的可用区启动。</translation>
    </message>
    <message>
        <source>It was no false alarm: one request in six waited six times as long.</source>
        <translation>这不是虚惊：六个请求中有一个等了六倍的时间。</translation>
    </message>
    <message>
        <source>Compare tracks by their p95, not by the average, then split what is slow by zone. Sending all to Blue first and asking why afterwards costs nothing.</source>
        <translation>用 p95 而不是平均值比较轨道，再按可用区拆分变慢的部分。先全部切到 Blue，之后再问原因，没有任何代价。</translation>
    </message>
    <message>
        <source>Fast and wrong</source>
        <translation>又快又错</translation>
    </message>
    <message>
        <source>chat-gateway went from Blue, 3.2.2, to Green, 3.3.0, a minute ago: speculative decoding, a quarter faster. Error rate and latency have never looked better.</source>
        <translation>chat-gateway 一分钟前从 Blue（3.2.2）切到 Green（3.3.0）：推测解码，快了四分之一。错误率和延迟从未如此好看。</translation>
    </message>
    <message>
        <source>Keep an eye on chat-gateway: on everything that matters to those who use it.</source>
        <translation>盯住 chat-gateway：关注对用户重要的一切。</translation>
    </message>
    <message>
        <source>Green&apos;s answers began to be wrong in one case of nine more than before. Latency and errors stayed as they were.</source>
        <translation>Green 的回答开始比以前每九次多错一次。延迟和错误保持不变。</translation>
    </message>
    <message>
        <source>Fewer than 80 % of the answers agreed with what turned out to be right.</source>
        <translation>与事后证明正确的结果一致的回答不足 80 %。</translation>
    </message>
    <message>
        <source>&quot;Answers that agree&quot; fell below 82 % in Metrics.</source>
        <translation>“指标”中“Answers that agree”降到 82 % 以下。</translation>
    </message>
    <message>
        <source>Blue answers as well as it did.</source>
        <translation>Blue 的回答和以前一样好。</translation>
    </message>
    <message>
        <source>It ends it, but loading the model again takes its time; Blue was ready.</source>
        <translation>它能终止问题，但重新加载模型需要时间；Blue 当时已就绪。</translation>
    </message>
    <message>
        <source>The same model comes up again.</source>
        <translation>启动的还是同样的模型。</translation>
    </message>
    <message>
        <source>More of the same model is not a better one.</source>
        <translation>更多同样的模型不会变得更好。</translation>
    </message>
    <message>
        <source>It was no false alarm: speed and errors say nothing about whether answers are right.</source>
        <translation>这不是虚惊：速度和错误率不能说明回答是否正确。</translation>
    </message>
    <message>
        <source>Keep the quality panel beside latency and errors after every change of a model. When it falls right after a switch, switch back first.</source>
        <translation>每次更换模型之后，都要把质量面板与延迟、错误放在一起看。如果切换之后它立刻下降，先切回去。</translation>
    </message>
    <message>
        <source>The obvious way is closed</source>
        <translation>显而易见的路走不通</translation>
    </message>
    <message>
        <source>speech-to-text runs 5.1.1 in production, one Deployment without a second track. Going back means rolling back. Somebody tidied the registry last night.</source>
        <translation>speech-to-text 在 production 运行 5.1.1，只有一个 Deployment，没有第二个轨道。回退就意味着回滚。昨晚有人清理了镜像仓库。</translation>
    </message>
    <message>
        <source>Keep an eye on speech-to-text. If it breaks, bring it back to a version that works.</source>
        <translation>盯住 speech-to-text。如果它坏了，把它带回可用的版本。</translation>
    </message>
    <message>
        <source>5.1.1 began to fail one request in eight, and the image of 5.0.1, the version before, is gone from the registry.</source>
        <translation>5.1.1 开始有八分之一的请求失败，而前一个版本 5.0.1 的镜像已从仓库中消失。</translation>
    </message>
    <message>
        <source>5.0.0 can be pulled and works.</source>
        <translation>5.0.0 可以拉取，也能工作。</translation>
    </message>
    <message>
        <source>The image of 5.0.1 is gone: its pods cannot start. An event in the namespace, and the mark beside the revision, said so.</source>
        <translation>5.0.1 的镜像已消失：其 Pod 无法启动。命名空间中的事件和修订版旁的标记都说明了这一点。</translation>
    </message>
    <message>
        <source>5.1.0 was rolled back eleven days ago for its own errors.</source>
        <translation>5.1.0 在十一天前因自身的错误被回滚。</translation>
    </message>
    <message>
        <source>It was no false alarm: one request in eight failed.</source>
        <translation>这不是虚惊：八个请求中有一个失败。</translation>
    </message>
    <message>
        <source>Read the readiness of a revision before choosing it: &quot;could not be pulled lately&quot; closes that way. The next older one that was healthy, 5.0.0, was open all the time.</source>
        <translation>选择修订版之前先看它的就绪情况：“最近未能拉取该镜像”说明此路不通。再往前一个健康的版本 5.0.0 一直可用。</translation>
    </message>
    <message>
        <source>Lights out</source>
        <translation>熄灯</translation>
    </message>
    <message>
        <source>image-tagger is on its way from Blue, 2.14.3, to Green, 2.15.0: Green has 25 %. The next steps are 50 and 100 %.</source>
        <translation>image-tagger 正在从 Blue（2.14.3）切到 Green（2.15.0）：Green 占 25 %。接下来是 50 % 和 100 %。</translation>
    </message>
    <message>
        <source>Lead the shift on, as long as you can tell that Green is well.</source>
        <translation>只要能确认 Green 正常，就继续推进切流。</translation>
    </message>
    <message>
        <source>The metrics of image-tagger were no longer collected. Its pods went on serving.</source>
        <translation>image-tagger 的指标不再被采集。其 Pod 仍在提供服务。</translation>
    </message>
    <message>
        <source>No sample of image-tagger any more.</source>
        <translation>不再有 image-tagger 的样本。</translation>
    </message>
    <message>
        <source>The curves of image-tagger ended: its panels say &quot;no data&quot;.</source>
        <translation>image-tagger 的曲线中断：其面板显示“无数据”。</translation>
    </message>
    <message>
        <source>Back where it is known to work, until one can see again.</source>
        <translation>回到已知可用的状态，直到能再次看见。</translation>
    </message>
    <message>
        <source>Shifting on without metrics: no data is not a pass.</source>
        <translation>在没有指标时继续切流：无数据不等于通过。</translation>
    </message>
    <message>
        <source>Less at stake while nothing can be seen.</source>
        <translation>在什么都看不到时，减少风险。</translation>
    </message>
    <message>
        <source>Nothing said that a version was broken.</source>
        <translation>没有任何信息说明某个版本有问题。</translation>
    </message>
    <message>
        <source>The pods were well; it was their metrics that were missing.</source>
        <translation>Pod 是正常的；缺失的是它们的指标。</translation>
    </message>
    <message>
        <source>&quot;Nothing to be done&quot; cannot be said of what cannot be seen.</source>
        <translation>看不到的东西，不能断言“无需处理”。</translation>
    </message>
    <message>
        <source>Say &quot;I see it&quot; when the curves end, and take no further step. All to Blue is safe at once; holding until the metrics are back is as good, if nothing else speaks against Green.</source>
        <translation>曲线中断时就按“我看到了”，不要再往前走一步。全部切到 Blue 立即安全；如果没有其他不利于 Green 的迹象，保持不动直到指标恢复也同样好。</translation>
    </message>
    <message>
        <source>Not this release</source>
        <translation>不是这个版本的错</translation>
    </message>
    <message>
        <source>search-ranker 7.10.0 (Green) got its first 25 % of production a minute ago; 7.9.3 (Blue) has the rest. If errors rise everybody will look at you.</source>
        <translation>search-ranker 7.10.0（Green）一分钟前得到 production 最初的 25 %；其余由 7.9.3（Blue）承担。如果错误上升，所有人都会看着你。</translation>
    </message>
    <message>
        <source>If something fails, decide whether the release is to blame: act, or stand down.</source>
        <translation>如果有东西出错，判断是否该归咎于该版本：行动，或解除警戒。</translation>
    </message>
    <message>
        <source>A database behind both tracks began to refuse connections. Blue and Green failed alike; it ended by itself.</source>
        <translation>两个轨道背后的数据库开始拒绝连接。Blue 和 Green 同样出错；它自行结束。</translation>
    </message>
    <message>
        <source>The error rate rose above 3 %, on both tracks alike.</source>
        <translation>错误率升到 3 % 以上，两个轨道一样。</translation>
    </message>
    <message>
        <source>Both tracks failed alike, the old version as much as the new: going back could not help.</source>
        <translation>两个轨道同样出错，旧版本和新版本一样：回退不可能有帮助。</translation>
    </message>
    <message>
        <source>No step on while errors are unexplained.</source>
        <translation>错误没有解释清楚之前，不再往前走。</translation>
    </message>
    <message>
        <source>Going back was wrong: Blue failed as much as Green, and a good release was taken back.</source>
        <translation>回退是错误的：Blue 和 Green 同样出错，一个好版本被撤回了。</translation>
    </message>
    <message>
        <source>Rolling back was wrong: the version of before failed as much.</source>
        <translation>回滚是错误的：之前的版本同样出错。</translation>
    </message>
    <message>
        <source>The pods were well; what they ask was not.</source>
        <translation>Pod 是正常的；不正常的是它们所请求的对象。</translation>
    </message>
    <message>
        <source>More pods ask the same database.</source>
        <translation>更多的 Pod 请求同一个数据库。</translation>
    </message>
    <message>
        <source>Compare the tracks first: an error that old and new version share is not the new version&apos;s. Stand down, and call those who own what is behind both.</source>
        <translation>先比较轨道：新旧版本共有的错误不是新版本的。解除警戒，并联系两者背后系统的负责人。</translation>
    </message>
</context>
<context>
    <name>Drills</name>
    <message>
        <source>%1 stays at %2 %</source>
        <translation>%1 保持在 %2 %</translation>
    </message>
    <message>
        <source>%1 %2 → %3 %</source>
        <translation>%1 %2 → %3 %</translation>
    </message>
    <message>
        <source>Traffic: %1</source>
        <translation>流量：%1</translation>
    </message>
    <message>
        <source>Roll-out of %1: %2 → %3</source>
        <translation>%1 的滚动发布：%2 → %3</translation>
    </message>
    <message>
        <source>Restart of %1</source>
        <translation>%1 重启</translation>
    </message>
    <message>
        <source>%1 scaled from %2 to %3 pods</source>
        <translation>%1 从 %2 个 Pod 扩缩到 %3 个</translation>
    </message>
    <message>
        <source>Roll-out of %1 paused</source>
        <translation>%1 的滚动发布已暂停</translation>
    </message>
    <message>
        <source>Roll-out of %1 resumed</source>
        <translation>%1 的滚动发布已恢复</translation>
    </message>
    <message>
        <source>The drill began: %1</source>
        <translation>演练开始：%1</translation>
    </message>
    <message>
        <source>First bad sample: %1</source>
        <translation>第一个异常样本：%1</translation>
    </message>
    <message>
        <source>&quot;I see it&quot;</source>
        <translation>“我看到了”</translation>
    </message>
    <message>
        <source>&quot;I see it&quot;, said before anything was bad: it does not count</source>
        <translation>在出现异常之前就按了“我看到了”：不计入</translation>
    </message>
    <message>
        <source>%1. Nothing was bad yet.</source>
        <translation>%1。当时还没有任何异常。</translation>
    </message>
    <message>
        <source>Roll-out of %1 complete: %2 pods of %3 ready</source>
        <translation>%1 的滚动发布完成：%3 个 Pod 中的 %2 个就绪</translation>
    </message>
    <message>
        <source>Roll-out of %1 is stuck: its new pods cannot pull %2</source>
        <translation>%1 的滚动发布卡住：新的 Pod 无法拉取 %2</translation>
    </message>
    <message>
        <source>Restored: it stayed well from here on</source>
        <translation>已恢复：此后一直正常</translation>
    </message>
    <message>
        <source>It went away by itself. Nobody said that they saw it.</source>
        <translation>异常自行消失。没有人表示看到了它。</translation>
    </message>
    <message>
        <source>Restored %1 after the first bad sample.</source>
        <translation>在第一个异常样本之后 %1 恢复。</translation>
    </message>
    <message>
        <source>Restored %1 after the first bad sample, but not without a mistake.</source>
        <translation>在第一个异常样本之后 %1 恢复，但有失误。</translation>
    </message>
    <message>
        <source>Nothing bad ever came about: what you changed before kept it from happening.</source>
        <translation>没有出现任何异常：你之前的变更避免了它。</translation>
    </message>
    <message>
        <source>Nothing bad ever came about.</source>
        <translation>没有出现任何异常。</translation>
    </message>
    <message>
        <source>No decision within %1. Standing down would have been right.</source>
        <translation>在 %1 内没有做出决定。正确的做法是解除警戒。</translation>
    </message>
    <message>
        <source>Not seen and not restored within %1.</source>
        <translation>在 %1 内没有看到，也没有恢复。</translation>
    </message>
    <message>
        <source>Not restored within %1.</source>
        <translation>在 %1 内没有恢复。</translation>
    </message>
    <message>
        <source>&quot;A false alarm, stand down.&quot;</source>
        <translation>“虚惊一场，解除警戒。”</translation>
    </message>
    <message>
        <source>Stood down before anything had happened.</source>
        <translation>在任何事情发生之前就解除了警戒。</translation>
    </message>
    <message>
        <source>It was no false alarm.</source>
        <translation>这并不是虚惊。</translation>
    </message>
    <message>
        <source>Told from a real fault %1 after the first bad sample, and nothing was taken back.</source>
        <translation>在第一个异常样本之后 %1 判明不是真实故障，没有回退任何内容。</translation>
    </message>
    <message>
        <source>Told from a real fault in the end, but not without a mistake.</source>
        <translation>最终判明不是真实故障，但有失误。</translation>
    </message>
    <message>
        <source>Abandoned after %1.</source>
        <translation>在 %1 之后放弃。</translation>
    </message>
    <message>
        <source>%1 goes back to %2: %3 of %4 pods</source>
        <translation>%1 回到 %2：%4 个 Pod 中的 %3 个</translation>
    </message>
    <message>
        <source>Waiting until the metrics of %1 are as usual</source>
        <translation>等待 %1 的指标恢复平常</translation>
    </message>
    <message>
        <source>Waiting for the state of the registry</source>
        <translation>等待镜像仓库的状态</translation>
    </message>
    <message>
        <source>The file %1 could not be written: %2.</source>
        <translation>无法写入文件 %1：%2。</translation>
    </message>
    <message>
        <source>it is not the debrief of a drill</source>
        <translation>它不是演练的复盘</translation>
    </message>
    <message>
        <source>The debrief in %1 cannot be read: %2. Move the file away.</source>
        <translation>无法读取 %1 中的复盘：%2。请移走该文件。</translation>
    </message>
    <message>
        <source>It is signed, and drills are written without a key. Move %1 away: a new one is made without.</source>
        <translation>它带有签名，而演练的记录不用密钥。请移走 %1：会新建一个不签名的。</translation>
    </message>
    <message>
        <source>The debrief of %1 could not be written to %2: %3 It is kept in %4 and written next time.</source>
        <translation>%1 的复盘无法写入 %2：%3 它保存在 %4 中，下次再写入。</translation>
    </message>
    <message>
        <source>The debrief of %1 is lost when you quit: %2 %3</source>
        <translation>退出后 %1 的复盘会丢失：%2 %3</translation>
    </message>
    <message>
        <source>First visible in the metrics: %1</source>
        <translation>指标中首次可见：%1</translation>
    </message>
    <message>
        <source>First sign on screen, in the chart &quot;%1&quot;: %2</source>
        <translation>屏幕上的第一个迹象（图表“%1”）：%2</translation>
    </message>
    <message>
        <source>First sign on screen, in the state of %1: %2</source>
        <translation>屏幕上的第一个迹象（%1 的状态）：%2</translation>
    </message>
    <message>
        <source>Visible in the metrics, but never shown in the window: %1</source>
        <translation>指标中可见，但窗口中从未显示：%1</translation>
    </message>
</context>
<context>
    <name>Duration</name>
    <message>
        <source>&quot;%1&quot; is no length of time: give for example 90s, 2m or 1h30m.</source>
        <translation>“%1”不是时长：请填写例如 90s、2m 或 1h30m。</translation>
    </message>
    <message>
        <source>%1d</source>
        <translation>%1天</translation>
    </message>
    <message>
        <source>%1h</source>
        <translation>%1小时</translation>
    </message>
    <message>
        <source>%1m</source>
        <translation>%1分</translation>
    </message>
    <message>
        <source>%1s</source>
        <translation>%1秒</translation>
    </message>
    <message>
        <source>%1 d</source>
        <translation>%1 天</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 小时</translation>
    </message>
    <message>
        <source>%1 m</source>
        <translation>%1 分</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
</context>
<context>
    <name>ExecPlugin</name>
    <message>
        <source>The credential plugin &quot;%1&quot; of the user &quot;%2&quot; should have printed %3, but printed %4. Run it in a terminal to see what it says, and check its version. (%5)</source>
        <translation>用户“%2”的凭据插件“%1”应输出 %3，实际输出 %4。请在终端中运行它查看提示，并检查其版本。（%5）</translation>
    </message>
    <message>
        <source>an ExecCredential as JSON</source>
        <translation>JSON 格式的 ExecCredential</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>空内容</translation>
    </message>
    <message>
        <source>something else</source>
        <translation>其他内容</translation>
    </message>
    <message>
        <source>another kind of object</source>
        <translation>另一种对象</translation>
    </message>
    <message>
        <source>version %1</source>
        <translation>版本 %1</translation>
    </message>
    <message>
        <source>version &quot;%1&quot;</source>
        <translation>版本“%1”</translation>
    </message>
    <message>
        <source>a status</source>
        <translation>status</translation>
    </message>
    <message>
        <source>none</source>
        <translation>没有该项</translation>
    </message>
    <message>
        <source>a certificate together with its key</source>
        <translation>证书及其私钥</translation>
    </message>
    <message>
        <source>only one of them</source>
        <translation>仅其中之一</translation>
    </message>
    <message>
        <source>a token or a client certificate</source>
        <translation>令牌或客户端证书</translation>
    </message>
    <message>
        <source>neither</source>
        <translation>两者皆无</translation>
    </message>
    <message>
        <source>an expirationTimestamp such as 2030-01-31T12:00:00Z</source>
        <translation>expirationTimestamp，例如 2030-01-31T12:00:00Z</translation>
    </message>
    <message>
        <source>another text</source>
        <translation>其他文本</translation>
    </message>
    <message>
        <source>The credential plugin &quot;%1&quot; of the user &quot;%2&quot; %3. %4 (%5)</source>
        <translation>用户“%2”的凭据插件“%1”%3。%4（%5）</translation>
    </message>
    <message>
        <source>needs a terminal to ask questions (interactiveMode: Always), and there is none</source>
        <translation>需要终端进行交互（interactiveMode: Always），但当前没有终端</translation>
    </message>
    <message>
        <source>Use the signalbox command in a terminal, or log in with the plugin&apos;s own command first.</source>
        <translation>请在终端中使用 signalbox 命令，或先用该插件自己的命令登录。</translation>
    </message>
    <message>
        <source>was not found or may not be run</source>
        <translation>未找到或无法执行</translation>
    </message>
    <message>
        <source>Install it, or correct its name.</source>
        <translation>请安装它，或更正其名称。</translation>
    </message>
    <message>
        <source>did not answer within %1 s%2</source>
        <translation>在 %1 秒内没有响应%2</translation>
    </message>
    <message>
        <source>Run it in a terminal to see what it waits for.</source>
        <translation>请在终端中运行它，查看它在等待什么。</translation>
    </message>
    <message>
        <source>printed more than %1 bytes</source>
        <translation>输出超过 %1 字节</translation>
    </message>
    <message>
        <source>Run it in a terminal to see what it says.</source>
        <translation>请在终端中运行它查看提示。</translation>
    </message>
    <message>
        <source>could not be started: %1</source>
        <translation>无法启动：%1</translation>
    </message>
    <message>
        <source>Check the program and its permissions.</source>
        <translation>请检查该程序及其权限。</translation>
    </message>
    <message>
        <source>crashed%1</source>
        <translation>已崩溃%1</translation>
    </message>
    <message>
        <source>Run it in a terminal to see why.</source>
        <translation>请在终端中运行它查看原因。</translation>
    </message>
    <message>
        <source>ended with status %1%2</source>
        <translation>以状态码 %1 结束%2</translation>
    </message>
    <message>
        <source>Log in with the plugin&apos;s own command, then try again.</source>
        <translation>请先用该插件自己的命令登录，然后重试。</translation>
    </message>
    <message>
        <source>needs the terminal to ask questions (interactiveMode: Always), and the operation under way takes its keys</source>
        <translation>需要在终端中提问（interactiveMode: Always），而正在进行的操作占用着该终端的按键</translation>
    </message>
    <message>
        <source>Log in with the plugin&apos;s own command in another terminal.</source>
        <translation>请在另一个终端中用该插件自己的命令登录。</translation>
    </message>
</context>
<context>
    <name>FactText</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>Git</name>
    <message>
        <source>The repository %1 cannot be packed</source>
        <translation>无法打包仓库 %1</translation>
    </message>
    <message>
        <source>%1: the new pack does not hold what was put into it. Everything is still there, unpacked.</source>
        <translation>%1：新的打包文件不包含放入其中的内容。所有内容仍在，只是未打包。</translation>
    </message>
    <message>
        <source>%1 cannot be looked up in the repository</source>
        <translation>无法在仓库中查找 %1</translation>
    </message>
    <message>
        <source>The commit %1 cannot be read</source>
        <translation>无法读取提交 %1</translation>
    </message>
    <message>
        <source>The repository %1 cannot be read</source>
        <translation>代码仓库 %1 无法读取</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <source>%1 belongs to another user of this machine, and git trusts only what is yours. If it is to be trusted: git config --global --add safe.directory %1</source>
        <translation>%1 属于本机的另一个用户，而 git 只信任属于你的内容。如果可以信任它：git config --global --add safe.directory %1</translation>
    </message>
    <message>
        <source>There is no git repository at %1. Check the path.</source>
        <translation>%1 处没有 git 代码仓库。请检查路径。</translation>
    </message>
    <message>
        <source>The repository %1 cannot be opened</source>
        <translation>代码仓库 %1 无法打开</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is no id of a commit.</source>
        <translation>“%1”不是提交的 id。</translation>
    </message>
    <message>
        <source>Several commits begin with %1: give more digits.</source>
        <translation>有多个提交以 %1 开头：请多给几位。</translation>
    </message>
    <message>
        <source>%1 has no tag, branch or commit &quot;%2&quot;.</source>
        <translation>%1 没有标签、分支或提交“%2”。</translation>
    </message>
    <message>
        <source> Its newest tags: %1.</source>
        <translation>其最新的标签：%1。</translation>
    </message>
    <message>
        <source>%1 is the same in both releases, or in neither. Look at the list of files.</source>
        <translation>%1 在两个版本中相同，或两个版本中都没有。请查看文件列表。</translation>
    </message>
    <message>
        <source>There is no network to reach %1 through.</source>
        <translation>没有可用于访问 %1 的网络。</translation>
    </message>
    <message>
        <source>The password for %1 was not sent: the address begins with http://, so that anybody in between could read it. Use https://.</source>
        <translation>没有发送 %1 的密码：地址以 http:// 开头，中途的任何人都能读到它。请使用 https://。</translation>
    </message>
    <message>
        <source>The repository %1 has moved to %2. No password was sent there; write the new address into the workspace if it is right.</source>
        <translation>代码仓库 %1 已迁移到 %2。没有向那里发送密码；如果无误，请将新地址写入工作区。</translation>
    </message>
    <message>
        <source>The program ended.</source>
        <translation>程序已结束。</translation>
    </message>
    <message>
        <source>%1 gave no answer.</source>
        <translation>%1 没有响应。</translation>
    </message>
    <message>
        <source>%1 refused the user name or password for %2. Check the secret that the workspace names for it.</source>
        <translation>%1 拒绝了 %2 的用户名或密码。请检查工作区为它引用的密文。</translation>
    </message>
    <message>
        <source>%1 wants a user name and password for %2. Name them in the workspace under &quot;auth&quot; of the repository.</source>
        <translation>%1 要求提供 %2 的用户名和密码。请在工作区中该代码仓库的 &quot;auth&quot; 下指定。</translation>
    </message>
    <message>
        <source> It says: %1</source>
        <translation>对方返回：%1</translation>
    </message>
    <message>
        <source>%1 does not let this user push to %2.</source>
        <translation>%1 不允许此用户推送到 %2。</translation>
    </message>
    <message>
        <source>%1 does not let this user read %2.</source>
        <translation>%1 不允许此用户读取 %2。</translation>
    </message>
    <message>
        <source>There is no repository %1, or this user may not see it. Check the address and the user.</source>
        <translation>没有代码仓库 %1，或此用户无权查看。请检查地址和用户。</translation>
    </message>
    <message>
        <source>%1 answered with status %2 where git was expected.</source>
        <translation>%1 返回状态码 %2，此处应为 git 的响应。</translation>
    </message>
    <message>
        <source>What answers at %1 is no git server: it sent &quot;%2&quot;. Check the address.</source>
        <translation>在 %1 响应的不是 git 服务器：它发送了“%2”。请检查地址。</translation>
    </message>
    <message>
        <source>The cache folder %1 cannot be written: %2.</source>
        <translation>缓存文件夹 %1 无法写入：%2。</translation>
    </message>
    <message>
        <source>The clone cannot be put in place at %1.</source>
        <translation>无法将克隆放到 %1。</translation>
    </message>
    <message>
        <source>The cache folder %1 cannot be made. Check the rights there.</source>
        <translation>无法创建缓存文件夹 %1。请检查那里的权限。</translation>
    </message>
    <message>
        <source>The cache folder %1 cannot be written. Check the rights there.</source>
        <translation>缓存文件夹 %1 无法写入。请检查那里的权限。</translation>
    </message>
    <message>
        <source>The repository %1 is damaged: the object %2 is not what git would write. Run &quot;git fsck&quot; there.</source>
        <translation>代码仓库 %1 已损坏：对象 %2 不是 git 会写出的内容。请在那里运行“git fsck”。</translation>
    </message>
    <message>
        <source>The repository %1 does not have the object %2: it is a shallow copy, or damaged. Fetch all of it (git fetch --unshallow) and try again.</source>
        <translation>代码仓库 %1 没有对象 %2：它是浅克隆，或已损坏。请获取其全部内容（git fetch --unshallow）后重试。</translation>
    </message>
    <message>
        <source>The repository %1 is damaged at the object %2</source>
        <translation>代码仓库 %1 在对象 %2 处已损坏</translation>
    </message>
    <message>
        <source>The object %1 of the repository %2 has %3 bytes, which is too much.</source>
        <translation>代码仓库 %2 的对象 %1 有 %3 字节，过大。</translation>
    </message>
    <message>
        <source>The repository %1 did not take the push of %2</source>
        <translation>代码仓库 %1 没有接受 %2 的推送</translation>
    </message>
    <message>
        <source>There is no folder %1. Check the path.</source>
        <translation>没有文件夹 %1。请检查路径。</translation>
    </message>
    <message>
        <source>%1 has no commit &quot;%2&quot; to push.</source>
        <translation>%1 没有要推送的提交“%2”。</translation>
    </message>
    <message>
        <source>%1 has %2 checked out: a push would leave its files behind. Push to a bare repository.</source>
        <translation>%1 检出了 %2：推送会让其中的文件落后。请推送到裸仓库。</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>空内容</translation>
    </message>
    <message>
        <source>%1 of %2 has moved: expected was %3, it has %4 now. Nothing was pushed; look at what is new and try again.</source>
        <translation>%2 的 %1 已移动：应为 %3，现在是 %4。未推送任何内容；请查看新内容后重试。</translation>
    </message>
    <message>
        <source>Another program is moving %1 of %2 right now. Nothing was pushed; try again.</source>
        <translation>另一个程序正在移动 %2 的 %1。未推送任何内容；请重试。</translation>
    </message>
    <message>
        <source>%1 does not follow what %2 of %3 has, so pushing it would lose commits.</source>
        <translation>%1 没有接续 %3 的 %2 已有的内容，推送它会丢失提交。</translation>
    </message>
    <message>
        <source>%1 brings more than %2 commits; whom they are by was not looked at any further.</source>
        <translation>%1 带来超过 %2 个提交；没有继续查看它们的作者。</translation>
    </message>
    <message>
        <source>The commits from %1 to %2 cannot be read in %3</source>
        <translation>无法在 %3 中读取从 %1 到 %2 的提交</translation>
    </message>
    <message>
        <source>The repository %1 cannot be reached</source>
        <translation>代码仓库 %1 无法访问</translation>
    </message>
    <message>
        <source>Whether %1 took the push of %2 is not known, since its answer was lost. Look at the remote before trying again.</source>
        <translation>不知道 %1 是否接受了 %2 的推送，因为其响应已丢失。重试之前请查看远端。</translation>
    </message>
    <message>
        <source>%1 did not take the push of %2: %3. %4</source>
        <translation>%1 没有接受 %2 的推送：%3。%4</translation>
    </message>
    <message>
        <source>The address of the repository at %1 holds a password. Take it out and name the secret under &quot;auth&quot; instead.</source>
        <translation>%1 处代码仓库的地址含有密码。请将其去掉，改为在 &quot;auth&quot; 下引用密文。</translation>
    </message>
    <message>
        <source>The address of a repository cannot be read. Expected for example https://git.example.com/team/app.git.</source>
        <translation>代码仓库的地址无法读取。应为例如 https://git.example.com/team/app.git 的形式。</translation>
    </message>
    <message>
        <source>The address of the repository at %1 holds &quot;?&quot; or &quot;#&quot;, which git addresses do not.</source>
        <translation>%1 处代码仓库的地址含有“?”或“#”，git 地址中没有这些。</translation>
    </message>
    <message>
        <source>The address %1 names no repository, only its host.</source>
        <translation>地址 %1 没有指定代码仓库，只有主机。</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is no name of a host that ssh could be asked for.</source>
        <translation>“%1”不是可以让 ssh 访问的主机名。</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is no name of a user that ssh could be asked for.</source>
        <translation>“%1”不是可以用于 ssh 的用户名。</translation>
    </message>
    <message>
        <source>The address of the repository at %1 names no path.</source>
        <translation>%1 处代码仓库的地址没有路径。</translation>
    </message>
    <message>
        <source>The path of the repository at %1 begins with &quot;-&quot; or holds a control character, which git there could take for something else.</source>
        <translation>%1 处代码仓库的路径以“-”开头或含有控制字符，那里的 git 可能将其当作别的内容。</translation>
    </message>
    <message>
        <source>The address of a repository cannot be read. Expected for example ssh://git@git.example.com/team/app.git.</source>
        <translation>代码仓库的地址无法读取。应为例如 ssh://git@git.example.com/team/app.git 的形式。</translation>
    </message>
    <message>
        <source>The address of a repository is empty, begins with &quot;-&quot; or holds a control character.</source>
        <translation>代码仓库的地址为空、以“-”开头或含有控制字符。</translation>
    </message>
    <message>
        <source>%1 names a file on another machine.</source>
        <translation>%1 指定的是另一台机器上的文件。</translation>
    </message>
    <message>
        <source>Signalbox reaches repositories over https, ssh and on disk, not over &quot;%1&quot;.</source>
        <translation>Signalbox 通过 https、ssh 和磁盘访问代码仓库，不通过“%1”。</translation>
    </message>
    <message>
        <source>Signalbox does not start git&apos;s helpers (&quot;%1&quot;).</source>
        <translation>Signalbox 不会启动 git 的辅助程序（“%1”）。</translation>
    </message>
    <message>
        <source>libgit2 error %1</source>
        <translation>libgit2 错误 %1</translation>
    </message>
    <message>
        <source>The repository %1 already has %2 with other content; it was left as it is.</source>
        <translation>代码仓库 %1 中已有内容不同的 %2；已保持原样。</translation>
    </message>
    <message>
        <source>%1 is not on the way that led to %2, so there is no going back to it by undoing commits.</source>
        <translation>%1 不在通往 %2 的历史中，因此无法通过撤销提交回到它。</translation>
    </message>
    <message>
        <source>These commits are undone already: there is nothing to commit.</source>
        <translation>这些提交已被撤销：没有可提交的内容。</translation>
    </message>
    <message>
        <source>%1 cannot be undone by itself, since %2 changed again later.</source>
        <translation>%1 无法单独撤销，因为 %2 之后又有变更。</translation>
    </message>
    <message>
        <source>The connection to %1 ended before everything had arrived. Try again.</source>
        <translation>与 %1 的连接在全部内容到达之前结束。请重试。</translation>
    </message>
    <message>
        <source>The connection to %1 ended before everything had arrived: %2</source>
        <translation>与 %1 的连接在全部内容到达之前结束：%2</translation>
    </message>
    <message>
        <source>&quot;%1&quot; cannot be started, and %2 is reached through it: %3. Install OpenSSH&apos;s client.</source>
        <translation>无法启动“%1”，而访问 %2 需要通过它：%3。请安装 OpenSSH 客户端。</translation>
    </message>
    <message>
        <source>Nothing came from %1 for %2 s. Check the network and try again.</source>
        <translation>%1 有 %2 秒没有传来任何内容。请检查网络后重试。</translation>
    </message>
    <message>
        <source>The configuration of the repository %1 cannot be read</source>
        <translation>无法读取仓库 %1 的配置</translation>
    </message>
</context>
<context>
    <name>GitHub</name>
    <message>
        <source>run of a workflow</source>
        <translation>工作流的运行</translation>
    </message>
    <message>
        <source>job of a run</source>
        <translation>运行的作业</translation>
    </message>
    <message>
        <source>neutral</source>
        <translation>中性</translation>
    </message>
    <message>
        <source>It took longer than it may.</source>
        <translation>超过了允许的时间。</translation>
    </message>
    <message>
        <source>The workflow&apos;s file cannot be carried out.</source>
        <translation>工作流文件无法执行。</translation>
    </message>
    <message>
        <source>GitHub gave it up after two weeks without news.</source>
        <translation>两周没有消息，GitHub 放弃了它。</translation>
    </message>
    <message>
        <source>A maintainer has to let the run of an outsider begin.</source>
        <translation>外部人员的运行须由维护者放行。</translation>
    </message>
    <message>
        <source>It waits for another one of its concurrency group.</source>
        <translation>正在等待同一并发组中的另一个运行。</translation>
    </message>
    <message>
        <source>repository</source>
        <translation>仓库</translation>
    </message>
    <message>
        <source>list of workflows</source>
        <translation>工作流列表</translation>
    </message>
    <message>
        <source>list of runs</source>
        <translation>运行列表</translation>
    </message>
    <message>
        <source>list of jobs</source>
        <translation>作业列表</translation>
    </message>
    <message>
        <source>list of checks</source>
        <translation>检查列表</translation>
    </message>
    <message>
        <source>list of annotations</source>
        <translation>注释列表</translation>
    </message>
    <message>
        <source>list of artifacts</source>
        <translation>制品列表</translation>
    </message>
    <message>
        <source>list of waiting deployments</source>
        <translation>等待中的部署列表</translation>
    </message>
    <message>
        <source>list of decisions</source>
        <translation>决定列表</translation>
    </message>
    <message>
        <source>user</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>list of deployments</source>
        <translation>部署列表</translation>
    </message>
    <message>
        <source>%1 takes no more questions of ours for %2 s (%3). What is shown stays as it was read; it is asked again by then.</source>
        <translation>%1 在 %2 秒内不再接受我们的请求（%3）。显示的内容保持上次读取的样子，到时会再次查询。</translation>
    </message>
    <message>
        <source>%1 no longer keeps it: %2.</source>
        <translation>%1 已不再保留：%2。</translation>
    </message>
    <message>
        <source>%1 takes no questions of ours for another %2 s (%3).</source>
        <translation>%1 还要 %2 秒才接受我们的请求（%3）。</translation>
    </message>
    <message>
        <source>the workflows of %1</source>
        <translation>%1 的工作流</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%2 的 %1</translation>
    </message>
    <message>
        <source>the runs of %1</source>
        <translation>%1 的运行</translation>
    </message>
    <message>
        <source>the runs of %1 of %2</source>
        <translation>%2 的 %1 的运行</translation>
    </message>
    <message>
        <source>the run %1 of %2</source>
        <translation>%2 的运行 %1</translation>
    </message>
    <message>
        <source>the jobs of the run %1 of %2</source>
        <translation>%2 的运行 %1 的作业</translation>
    </message>
    <message>
        <source>the job %1 of %2</source>
        <translation>%2 的作业 %1</translation>
    </message>
    <message>
        <source>the checks of the run %1 of %2</source>
        <translation>%2 的运行 %1 的检查</translation>
    </message>
    <message>
        <source>the annotations of the run %1 of %2</source>
        <translation>%2 的运行 %1 的注释</translation>
    </message>
    <message>
        <source>the artifacts of the run %1 of %2</source>
        <translation>%2 的运行 %1 的制品</translation>
    </message>
    <message>
        <source>the gates of the run %1 of %2</source>
        <translation>%2 的运行 %1 的门禁</translation>
    </message>
    <message>
        <source>the decisions about the run %1 of %2</source>
        <translation>关于 %2 的运行 %1 的决定</translation>
    </message>
    <message>
        <source>the deployments of %1</source>
        <translation>%1 的部署</translation>
    </message>
    <message>
        <source>the user of the token</source>
        <translation>令牌的用户</translation>
    </message>
    <message>
        <source>GitHub runs it without a file of the repository.</source>
        <translation>GitHub 运行它时不用仓库中的文件。</translation>
    </message>
    <message>
        <source>Annotations could not be read: %1</source>
        <translation>无法读取注释：%1</translation>
    </message>
    <message>
        <source>What waits for what is guessed from when jobs began: %1</source>
        <translation>先后关系是根据作业开始的时间推测的：%1</translation>
    </message>
    <message>
        <source>What waits for what is read from %1 at %2.</source>
        <translation>先后关系读自 %2 处的 %1。</translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) are not in the file.</source>
        <translation>
            <numerusform>%n 个作业不在该文件中。</numerusform>
        </translation>
    </message>
    <message>
        <source>The token&apos;s user may not write to %1.</source>
        <translation>令牌的用户无权写入 %1。</translation>
    </message>
    <message>
        <source>GitHub runs nothing again that is older than %1 days.</source>
        <translation>GitHub 不会重新运行超过 %1 天的运行。</translation>
    </message>
    <message>
        <source>It is still on.</source>
        <translation>仍在进行。</translation>
    </message>
    <message>
        <source>It has ended.</source>
        <translation>已经结束。</translation>
    </message>
    <message>
        <source>GitHub answered with something that is no %1.</source>
        <translation>GitHub 的回答不是%1。</translation>
    </message>
    <message>
        <source>Deploy to %1?</source>
        <translation>部署到 %1？</translation>
    </message>
    <message numerus="yes">
        <source>It waits for %n minute(s).</source>
        <translation>
            <numerusform>等待 %n 分钟。</numerusform>
        </translation>
    </message>
    <message>
        <source>It waits for a rule that no reviewer decides.</source>
        <translation>正在等待一条不由审核人决定的规则。</translation>
    </message>
    <message numerus="yes">
        <source>After the decision it waits until %n minute(s) are over.</source>
        <translation>
            <numerusform>决定之后还要等到 %n 分钟结束。</numerusform>
        </translation>
    </message>
    <message>
        <source>GitHub does not let the token&apos;s user decide: it is no reviewer of %1, or started the run and may not review itself.</source>
        <translation>GitHub 不允许令牌的用户决定：它不是 %1 的审核人，或者运行由它启动而不得自审。</translation>
    </message>
    <message>
        <source>Nobody decides it: a timer or a rule does.</source>
        <translation>不由人决定，而由计时器或规则决定。</translation>
    </message>
    <message>
        <source>Read from GitHub just now</source>
        <translation>刚刚从 GitHub 读取</translation>
    </message>
    <message>
        <source>GitHub does not say what the token may do</source>
        <translation>GitHub 没有说明该令牌的权限</translation>
    </message>
    <message>
        <source>The token&apos;s user may write to %1</source>
        <translation>令牌的用户可以写入 %1</translation>
    </message>
    <message>
        <source>The token&apos;s user may not write to %1</source>
        <translation>令牌的用户无权写入 %1</translation>
    </message>
    <message>
        <source>Ask an administrator of the repository for the role Write.</source>
        <translation>请仓库管理员授予 Write 角色。</translation>
    </message>
    <message>
        <source>GitHub Actions of %1</source>
        <translation>%1 的 GitHub Actions</translation>
    </message>
    <message>
        <source>%1, attempt %2: %3</source>
        <translation>%1，第 %2 次尝试：%3</translation>
    </message>
    <message>
        <source>%1, attempt %2</source>
        <translation>%1，第 %2 次尝试</translation>
    </message>
    <message>
        <source>all jobs of %1 run again, with the same commit</source>
        <translation>用同一提交重新运行 %1 的所有作业</translation>
    </message>
    <message>
        <source>the failed jobs of %1 and what follows them run again, with the same commit</source>
        <translation>用同一提交重新运行 %1 失败的作业及其后续作业</translation>
    </message>
    <message>
        <source>Run %1 again</source>
        <translation>重新运行 %1</translation>
    </message>
    <message>
        <source>Run the failed jobs of %1 again</source>
        <translation>重新运行 %1 失败的作业</translation>
    </message>
    <message>
        <source>only if attempt %1 is still the last, and has ended</source>
        <translation>仅当第 %1 次尝试仍是最后一次且已结束</translation>
    </message>
    <message>
        <source>Attempt %1 is the last</source>
        <translation>第 %1 次尝试是最后一次</translation>
    </message>
    <message>
        <source>%1 ran it again already: attempt %2</source>
        <translation>%1 已经重新运行：第 %2 次尝试</translation>
    </message>
    <message>
        <source>Look at the new attempt.</source>
        <translation>请查看新的尝试。</translation>
    </message>
    <message>
        <source>It has ended</source>
        <translation>已经结束</translation>
    </message>
    <message>
        <source>It is still on</source>
        <translation>仍在进行</translation>
    </message>
    <message>
        <source>Wait for its end, or cancel it first.</source>
        <translation>请等它结束，或先取消它。</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>jobs of %1 that go on are stopped; what they did already stays</source>
        <translation>%1 正在进行的作业会停止；已做的事不会撤销</translation>
    </message>
    <message>
        <source>Cancel %1</source>
        <translation>取消 %1</translation>
    </message>
    <message>
        <source>only if attempt %1 is still on</source>
        <translation>仅当第 %1 次尝试仍在进行</translation>
    </message>
    <message>
        <source>The run is there</source>
        <translation>运行存在</translation>
    </message>
    <message>
        <source>It has ended by itself: %1</source>
        <translation>它已自行结束：%1</translation>
    </message>
    <message>
        <source>It is on</source>
        <translation>正在进行</translation>
    </message>
    <message>
        <source>The workflow needs the input &quot;%1&quot;.</source>
        <translation>工作流需要输入“%1”。</translation>
    </message>
    <message>
        <source>The input &quot;%1&quot; is one of: %2.</source>
        <translation>输入“%1”只能是：%2。</translation>
    </message>
    <message>
        <source>The workflow has no input &quot;%1&quot;.</source>
        <translation>工作流没有输入“%1”。</translation>
    </message>
    <message>
        <source>no run of it</source>
        <translation>尚无运行</translation>
    </message>
    <message>
        <source>%1 on %2</source>
        <translation>%2 上的 %1</translation>
    </message>
    <message>
        <source>a new run of %1 with what %2 has when it starts</source>
        <translation>用启动时 %2 的内容新运行 %1</translation>
    </message>
    <message>
        <source>Start %1 on %2</source>
        <translation>在 %2 上启动 %1</translation>
    </message>
    <message>
        <source>%1 of %2 can be started by hand</source>
        <translation>%2 的 %1 可以手动启动</translation>
    </message>
    <message>
        <source>%1 of %2 has no workflow_dispatch</source>
        <translation>%2 的 %1 没有 workflow_dispatch</translation>
    </message>
    <message>
        <source>Add it to the file of that branch.</source>
        <translation>请把它加到该分支的文件中。</translation>
    </message>
    <message>
        <source>A new run each time</source>
        <translation>每次都是新的运行</translation>
    </message>
    <message>
        <source>%1 waits at %2</source>
        <translation>%1 在 %2 等待</translation>
    </message>
    <message>
        <source>approved for %1 (%2)</source>
        <translation>已批准到 %1（%2）</translation>
    </message>
    <message>
        <source>rejected for %1 (%2)</source>
        <translation>已驳回到 %1（%2）</translation>
    </message>
    <message>
        <source>%1 goes on and deploys to %2</source>
        <translation>%1 继续并部署到 %2</translation>
    </message>
    <message>
        <source>%1 does not deploy to %2, and fails</source>
        <translation>%1 不部署到 %2，并告失败</translation>
    </message>
    <message>
        <source>Approve %1 of %2</source>
        <translation>批准 %2 的 %1</translation>
    </message>
    <message>
        <source>Reject %1 of %2</source>
        <translation>驳回 %2 的 %1</translation>
    </message>
    <message>
        <source>only if nobody decided it meanwhile</source>
        <translation>仅当期间没有人作出决定</translation>
    </message>
    <message>
        <source>GitHub lets the token&apos;s user decide</source>
        <translation>GitHub 允许令牌的用户决定</translation>
    </message>
    <message>
        <source>GitHub does not let the token&apos;s user decide</source>
        <translation>GitHub 不允许令牌的用户决定</translation>
    </message>
    <message>
        <source>Ask one of the reviewers.</source>
        <translation>请找一位审核人。</translation>
    </message>
    <message>
        <source>It was run again meanwhile</source>
        <translation>期间它被重新运行了</translation>
    </message>
    <message>
        <source>It still waits</source>
        <translation>仍在等待</translation>
    </message>
    <message>
        <source>It no longer waits</source>
        <translation>已不再等待</translation>
    </message>
    <message>
        <source>%1 was faster: %2</source>
        <translation>%1 更快：%2</translation>
    </message>
    <message>
        <source>Look at the run.</source>
        <translation>请查看该运行。</translation>
    </message>
    <message>
        <source>It was not said which run is meant.</source>
        <translation>没有说明是哪个运行。</translation>
    </message>
    <message>
        <source>This is no gate of GitHub: %1.</source>
        <translation>这不是 GitHub 的门禁：%1。</translation>
    </message>
    <message>
        <source>GitHub takes no decision without a comment. Write one.</source>
        <translation>GitHub 不接受没有备注的决定。请写一条。</translation>
    </message>
    <message>
        <source>Its file has no workflow_dispatch.</source>
        <translation>其文件没有 workflow_dispatch。</translation>
    </message>
    <message>
        <source>The repository is archived.</source>
        <translation>仓库已归档。</translation>
    </message>
    <message>
        <source>The workflow is switched off.</source>
        <translation>工作流已停用。</translation>
    </message>
    <message>
        <source>GitHub runs it by itself.</source>
        <translation>由 GitHub 自行运行。</translation>
    </message>
    <message>
        <source>GitHub Actions keeps no test reports. What tests wrote as annotations stands with the run; a report that was uploaded is among its artifacts.</source>
        <translation>GitHub Actions 不保存测试报告。测试写成注释的内容与运行在一起；上传的报告在其制品中。</translation>
    </message>
    <message>
        <source>GitHub gives the log of a job, not of one of its steps.</source>
        <translation>GitHub 提供作业的日志，而不提供其中某一步的日志。</translation>
    </message>
    <message>
        <source>GitHub gives the log of a job when the job has ended; this one is still on.</source>
        <translation>GitHub 在作业结束后才提供其日志；该作业仍在进行。</translation>
    </message>
    <message>
        <source>the log of the job %1 of %2</source>
        <translation>%2 的作业 %1 的日志</translation>
    </message>
    <message>
        <source>This step is none of GitHub&apos;s.</source>
        <translation>这一步不属于 GitHub。</translation>
    </message>
    <message>
        <source>%1 approved it: %2</source>
        <translation>%1 批准了它：%2</translation>
    </message>
    <message>
        <source>%1 rejected it: %2</source>
        <translation>%1 驳回了它：%2</translation>
    </message>
    <message>
        <source>%1 no longer waits for a decision, and GitHub does not say who decided. Look at the run.</source>
        <translation>%1 已不再等待决定，GitHub 也没有说明由谁决定。请查看该运行。</translation>
    </message>
    <message>
        <source>Somebody was faster at %1. %2</source>
        <translation>在 %1 有人更快。%2</translation>
    </message>
    <message>
        <source>%1 ran it again already: attempt %2 is %3.</source>
        <translation>%1 已经重新运行：第 %2 次尝试为%3。</translation>
    </message>
    <message>
        <source>It has ended by itself: %1.</source>
        <translation>它已自行结束：%1。</translation>
    </message>
    <message>
        <source>It is on: %1.</source>
        <translation>正在进行：%1。</translation>
    </message>
    <message>
        <source>GitHub has no dry run.</source>
        <translation>GitHub 没有试运行。</translation>
    </message>
    <message>
        <source>attempt %1 is still the last</source>
        <translation>第 %1 次尝试仍是最后一次</translation>
    </message>
    <message>
        <source>GitHub has not begun the new attempt.</source>
        <translation>GitHub 尚未开始新的尝试。</translation>
    </message>
    <message>
        <source>attempt %1 is there: %2</source>
        <translation>第 %1 次尝试已出现：%2</translation>
    </message>
    <message>
        <source>it ended, and %1 ran it again: attempt %2</source>
        <translation>已结束，且 %1 重新运行了它：第 %2 次尝试</translation>
    </message>
    <message>
        <source>it is still on: %1</source>
        <translation>仍在进行：%1</translation>
    </message>
    <message>
        <source>A job may take minutes to stop; one that always runs its last steps is ended by GitHub after five.</source>
        <translation>作业停止可能要几分钟；总要执行最后步骤的作业会在五分钟后被 GitHub 终止。</translation>
    </message>
    <message>
        <source>it ended: %1</source>
        <translation>已结束：%1</translation>
    </message>
    <message>
        <source>It ended by itself before the request reached it: %1.</source>
        <translation>请求到达之前它已自行结束：%1。</translation>
    </message>
    <message>
        <source>run %1 is there: %2</source>
        <translation>运行 %1 已出现：%2</translation>
    </message>
    <message>
        <source>accepted; the run is not on the list yet</source>
        <translation>已接受；运行尚未出现在列表中</translation>
    </message>
    <message>
        <source>GitHub does not say which run a trigger started: it is looked for by workflow, branch, user and time.</source>
        <translation>GitHub 不说明触发启动了哪个运行：按工作流、分支、用户和时间查找。</translation>
    </message>
    <message>
        <source>the decision is not on GitHub&apos;s list yet</source>
        <translation>该决定尚未出现在 GitHub 的列表中</translation>
    </message>
    <message>
        <source>GitHub still lists %1 as waiting: its timer, or another rule.</source>
        <translation>GitHub 仍显示 %1 在等待：计时器或另一条规则。</translation>
    </message>
    <message>
        <source>rejected; what does not need %1 goes on</source>
        <translation>已驳回；不依赖 %1 的部分继续进行</translation>
    </message>
    <message>
        <source>decided; the run: %1</source>
        <translation>已决定；运行：%1</translation>
    </message>
    <message>
        <source>The run is on. GitHub does not say whether it was asked to stop.</source>
        <translation>运行正在进行。GitHub 没有说明是否已要求它停止。</translation>
    </message>
    <message>
        <source>What a run did cannot be taken back by GitHub.</source>
        <translation>GitHub 无法撤销运行所做的事。</translation>
    </message>
    <message>
        <source>commit</source>
        <translation>提交</translation>
    </message>
    <message>
        <source>the environments of %1</source>
        <translation>%1 的环境</translation>
    </message>
    <message>
        <source>deployment %1 of %2</source>
        <translation>%2 的部署 %1</translation>
    </message>
    <message>
        <source>the commit of %1 of %2</source>
        <translation>%2 的 %1 所在的提交</translation>
    </message>
    <message>
        <source>list of environments</source>
        <translation>环境列表</translation>
    </message>
    <message>
        <source>list of a deployment&apos;s statuses</source>
        <translation>部署状态列表</translation>
    </message>
    <message>
        <source>No run of GitHub Actions made it: there is nothing to run again.</source>
        <translation>它不是由 GitHub Actions 的运行产生的：没有可重新运行的内容。</translation>
    </message>
    <message>
        <source>Its run %1 is no longer there.</source>
        <translation>它的运行 %1 已不存在。</translation>
    </message>
    <message>
        <source>Job %1 of run %2 and what needs it run again and deploy to %3 what deployment %4 brought there</source>
        <translation>重新运行运行 %2 的作业 %1 及依赖它的作业，把部署 %4 当时的内容再次部署到 %3</translation>
    </message>
    <message>
        <source>All of run %1 runs again and deploys to %2 what deployment %3 brought there</source>
        <translation>重新运行整个运行 %1，把部署 %3 当时的内容再次部署到 %2</translation>
    </message>
    <message>
        <source>Deploy %1 to %2 again</source>
        <translation>把 %1 再次部署到 %2</translation>
    </message>
    <message>
        <source>only while %1 has what is shown here, and attempt %2 of the run is the last</source>
        <translation>仅当 %1 仍是此处所示的内容，且该运行的第 %2 次尝试是最后一次时</translation>
    </message>
    <message>
        <source>It was made on %1: GitHub runs nothing again after %2 days</source>
        <translation>它创建于 %1：GitHub 在 %2 天后不再允许重新运行</translation>
    </message>
    <message>
        <source>Run %1 has ended</source>
        <translation>运行 %1 已结束</translation>
    </message>
    <message>
        <source>Run %1 is still on, and GitHub runs nothing of it again before it ends</source>
        <translation>运行 %1 仍在进行，GitHub 在它结束前不会重新运行其中任何作业</translation>
    </message>
    <message>
        <source>%1 of %2 and what needs it run again, with the same commit</source>
        <translation>以同一提交重新运行 %2 的 %1 及依赖它的作业</translation>
    </message>
    <message>
        <source>Run %1 of %2 again</source>
        <translation>重新运行 %2 的 %1</translation>
    </message>
    <message>
        <source>The job %1 is not in attempt %2 of %3. Look at the run again.</source>
        <translation>作业 %1 不在 %3 的第 %2 次尝试中。请重新查看该运行。</translation>
    </message>
    <message>
        <source>%1 has ended</source>
        <translation>%1 已结束</translation>
    </message>
    <message>
        <source>%1 cannot be run again: %2</source>
        <translation>%1 不能重新运行：%2</translation>
    </message>
    <message>
        <source>%1 on %2 at %3</source>
        <translation>%2 上的 %1，位于 %3</translation>
    </message>
    <message>
        <source>Meanwhile %1 deployed %2 to %3. Nothing was written.</source>
        <translation>期间 %1 把 %2 部署到了 %3。没有写入任何内容。</translation>
    </message>
    <message>
        <source>Meanwhile the deployments of %1 were removed. Nothing was written.</source>
        <translation>期间 %1 的部署已被删除。没有写入任何内容。</translation>
    </message>
    <message>
        <source>GitHub runs nothing again 30 days after its first run. Start a new run of that tag or branch.</source>
        <translation>首次运行 30 天后，GitHub 不再允许重新运行。请对该标签或分支启动新的运行。</translation>
    </message>
    <message>
        <source>It waits for a rule of %1: approve it among the gates.</source>
        <translation>它在等待 %1 的规则：请在门禁中批准。</translation>
    </message>
    <message>
        <source>attempt %1 of the run: %2; no new deployment to %3</source>
        <translation>该运行的第 %1 次尝试：%2；没有到 %3 的新部署</translation>
    </message>
    <message>
        <source>deployment %1 to %2: %3</source>
        <translation>部署 %1（到 %2）：%3</translation>
    </message>
    <message>
        <source>%1 is live in %2: deployment %3</source>
        <translation>%1 已在 %2 上线：部署 %3</translation>
    </message>
    <message>
        <source>%1 deployed %2 after it.</source>
        <translation>之后 %1 部署了 %2。</translation>
    </message>
    <message>
        <source>attempt %1 is there, without %2 yet</source>
        <translation>第 %1 次尝试已出现，但还没有 %2</translation>
    </message>
    <message>
        <source>GitHub lists a job when it can begin.</source>
        <translation>GitHub 在作业可以开始时才列出它。</translation>
    </message>
    <message>
        <source>attempt %1 is there; %2: %3</source>
        <translation>第 %1 次尝试已出现；%2：%3</translation>
    </message>
    <message>
        <source>run %1 is there, but runs commit %2, not %3 which was shown</source>
        <translation>运行 %1 已出现，但运行的是提交 %2，而不是显示的 %3</translation>
    </message>
    <message>
        <source>%1 was moved meanwhile. Cancel the run where that is not what you want.</source>
        <translation>%1 其间已移动。若非你所愿，请取消该运行。</translation>
    </message>
    <message>
        <source>Its job %1 is no longer among the jobs of run %2.</source>
        <translation>其作业 %1 已不在运行 %2 的作业之中。</translation>
    </message>
    <message>
        <source>, and to %1 what run %2 deploys there</source>
        <translation>，并将运行 %2 部署到 %1 的内容一并部署</translation>
    </message>
    <message>
        <source>GitHub runs again what needs it: that deploys to %1, too</source>
        <translation>GitHub 会重新运行依赖它的作业：这也会部署到 %1</translation>
    </message>
    <message>
        <source>Where that is not wanted, start a new run for %1 alone, or reject the others at their gates.</source>
        <translation>如果不希望如此，请仅为 %1 触发新的运行，或在其他环境的门禁处驳回。</translation>
    </message>
    <message>
        <source>Nothing tells for certain which other environments run %1 deploys to</source>
        <translation>无法确定运行 %1 还会部署到哪些其他环境</translation>
    </message>
    <message>
        <source>Look into the workflow&apos;s file: what needs this job runs again with it.</source>
        <translation>请查看工作流文件：依赖此作业的作业会随之重新运行。</translation>
    </message>
    <message>
        <source>Meanwhile %1 began deployment %2 of %3 to %4: %5. Nothing was written.</source>
        <translation>在此期间，%1 已开始将 %3 部署到 %4（部署 %2）：%5。未写入任何内容。</translation>
    </message>
    <message>
        <source>reference</source>
        <translation>引用</translation>
    </message>
    <message>
        <source>Artifacts: the first %1.</source>
        <translation>制品：仅前 %1 个。</translation>
    </message>
    <message>
        <source>Annotations of one job are shown up to the first %1.</source>
        <translation>每个作业的注解最多显示前 %1 条。</translation>
    </message>
    <message>
        <source>%1 has more than %2 runs that wait or go on, and GitHub lists no more of them: a gate could be missing, so none is shown. Look at the repository&apos;s Actions page at GitHub.</source>
        <translation>%1 有超过 %2 个等待中或进行中的运行，GitHub 不再列出更多：可能缺少某个门禁，因此一个也不显示。请在 GitHub 上查看该仓库的 Actions 页面。</translation>
    </message>
    <message>
        <source>waits for a rule of its environment</source>
        <translation>正在等待其环境的规则</translation>
    </message>
    <message>
        <source>the reference %1 of %2</source>
        <translation>%2 的引用 %1</translation>
    </message>
    <message>
        <source>%1 has neither a tag nor a branch %2 that GitHub shows.</source>
        <translation>GitHub 没有显示 %1 有名为 %2 的标签或分支。</translation>
    </message>
    <message>
        <source>Annotations of %1 of %2 jobs that have some, failed ones first; the first without is %3.</source>
        <translation>共有 %2 个作业带注释，此处为其中 %1 个的注释，失败的在前；第一个未读取的是 %3。</translation>
    </message>
    <message>
        <source>a check of another name</source>
        <translation>另一名称的检查</translation>
    </message>
    <message>
        <source>GitHub sends us elsewhere: %1 may have been moved or renamed.</source>
        <translation>GitHub 将我们转到别处：%1 可能已被移动或重命名。</translation>
    </message>
    <message>
        <source>attempt %1 of the run %2 of %3</source>
        <translation>%3 的运行 %2 的第 %1 次尝试</translation>
    </message>
    <message>
        <source>the jobs of attempt %1 of the run %2 of %3</source>
        <translation>%3 的运行 %2 第 %1 次尝试的作业</translation>
    </message>
    <message numerus="yes">
        <source>The run %1 of %2 has no attempt %3: it has %n attempt(s), counted from 1.</source>
        <translation>
            <numerusform>%2 的运行 %1 没有第 %3 次尝试：共有 %n 次尝试，从 1 数起。</numerusform>
        </translation>
    </message>
    <message>
        <source>Who decided its gates could not be read: %1</source>
        <translation>无法读取由谁决定了它的门禁：%1</translation>
    </message>
    <message>
        <source>It is attempt %1 of %2: only the newest can be run again or cancelled.</source>
        <translation>这是第 %1 次尝试（共 %2 次）：只有最新一次可以重新运行或取消。</translation>
    </message>
    <message>
        <source>GitHub does not tell which attempt left an artifact: they stand with the newest, attempt %1.</source>
        <translation>GitHub 不说明制品出自哪次尝试：制品列在最新的第 %1 次尝试下。</translation>
    </message>
    <message>
        <source>GitHub does not tell in which attempt a gate was decided: all decisions about the run stand with each of them.</source>
        <translation>GitHub 不说明门禁是在哪次尝试中决定的：每次尝试下都列出该运行的全部决定。</translation>
    </message>
</context>
<context>
    <name>GitLab</name>
    <message>
        <source>GitLab answered with something that is no %1.</source>
        <translation>GitLab 的应答不是%1。</translation>
    </message>
    <message>
        <source>project</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>list of projects</source>
        <translation>项目列表</translation>
    </message>
    <message>
        <source>list of schedules</source>
        <translation>定时计划列表</translation>
    </message>
    <message>
        <source>pipeline</source>
        <translation>流水线</translation>
    </message>
    <message>
        <source>list of pipelines</source>
        <translation>流水线列表</translation>
    </message>
    <message>
        <source>job</source>
        <translation>作业</translation>
    </message>
    <message>
        <source>list of jobs</source>
        <translation>作业列表</translation>
    </message>
    <message>
        <source>deployment</source>
        <translation>部署</translation>
    </message>
    <message>
        <source>list of deployments</source>
        <translation>部署列表</translation>
    </message>
    <message>
        <source>test report</source>
        <translation>测试报告</translation>
    </message>
    <message>
        <source>This run reports no tests.</source>
        <translation>此运行没有测试报告。</translation>
    </message>
    <message>
        <source>user</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>branch</source>
        <translation>分支</translation>
    </message>
    <message>
        <source>GitLab asks us to wait before the next question (%1).</source>
        <translation>GitLab 要求稍后再询问（%1）。</translation>
    </message>
    <message>
        <source>who the token belongs to</source>
        <translation>令牌属于谁</translation>
    </message>
    <message>
        <source>project %1</source>
        <translation>项目 %1</translation>
    </message>
    <message>
        <source>the projects we are a member of</source>
        <translation>我们所属的项目</translation>
    </message>
    <message>
        <source>the schedules of %1</source>
        <translation>%1 的定时计划</translation>
    </message>
    <message>
        <source>run %1 of %2</source>
        <translation>%2 的运行 %1</translation>
    </message>
    <message>
        <source>the runs of %1</source>
        <translation>%1 的运行</translation>
    </message>
    <message>
        <source>the jobs of run %1 of %2</source>
        <translation>%2 的运行 %1 的作业</translation>
    </message>
    <message>
        <source>the downstream runs of run %1 of %2</source>
        <translation>%2 的运行 %1 的下游运行</translation>
    </message>
    <message>
        <source>job %1 of %2</source>
        <translation>%2 的作业 %1</translation>
    </message>
    <message>
        <source>the deployments of %1</source>
        <translation>%1 的部署</translation>
    </message>
    <message>
        <source>deployment %1 of %2</source>
        <translation>%2 的部署 %1</translation>
    </message>
    <message>
        <source>tag %1 of %2</source>
        <translation>%2 的标签 %1</translation>
    </message>
    <message>
        <source>branch %1 of %2</source>
        <translation>%2 的分支 %1</translation>
    </message>
    <message>
        <source>It does not wait any more: the deployment is %1.</source>
        <translation>它不再等待：该部署为 %1。</translation>
    </message>
    <message>
        <source>Somebody was faster: %1 approved it, and it is %2 by now.</source>
        <translation>有人抢先一步：%1 已批准，现在为 %2。</translation>
    </message>
    <message>
        <source>Somebody was faster: %1 rejected it, and it is %2 by now.</source>
        <translation>有人抢先一步：%1 已驳回，现在为 %2。</translation>
    </message>
    <message>
        <source>It takes the role Developer in %1.</source>
        <translation>需要 %1 中的 Developer 角色。</translation>
    </message>
    <message>
        <source>You have decided already; it takes others, too.</source>
        <translation>你已作出决定；还需要其他人。</translation>
    </message>
    <message>
        <source>You started this deployment, and %1 wants somebody else to approve it. You may reject it.</source>
        <translation>此部署由你发起，%1 要求由他人批准。你可以驳回它。</translation>
    </message>
    <message>
        <source>Start the approved deployment to %1?</source>
        <translation>启动已批准的到 %1 的部署？</translation>
    </message>
    <message>
        <source>Deploy to %1?</source>
        <translation>部署到 %1？</translation>
    </message>
    <message>
        <source>For whom you decide, if you are in several of them; else GitLab chooses</source>
        <translation>若你属于其中多个，请选择代表谁决定；否则由 GitLab 选择</translation>
    </message>
    <message>
        <source>Start %1?</source>
        <translation>启动 %1？</translation>
    </message>
    <message>
        <source>This gate is none of GitLab&apos;s.</source>
        <translation>此门禁不属于 GitLab。</translation>
    </message>
    <message>
        <source>run %1 waits</source>
        <translation>运行 %1 正在等待</translation>
    </message>
    <message>
        <source>Start %1</source>
        <translation>启动 %1</translation>
    </message>
    <message>
        <source>only while it waits to be started</source>
        <translation>仅当它等待启动时</translation>
    </message>
    <message>
        <source>All approvals are given by now, and GitLab takes no rejection any more: cancel the run instead.</source>
        <translation>所有批准均已给出，GitLab 不再接受驳回：请改为取消该运行。</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 到 %2</translation>
    </message>
    <message>
        <source>Approve the deployment of %1</source>
        <translation>批准部署 %1</translation>
    </message>
    <message>
        <source>Reject the deployment of %1</source>
        <translation>驳回部署 %1</translation>
    </message>
    <message>
        <source>only while it waits for approval</source>
        <translation>仅当它等待批准时</translation>
    </message>
    <message>
        <source>deployed: %1</source>
        <translation>已部署：%1</translation>
    </message>
    <message>
        <source>not deployed: %1</source>
        <translation>未部署：%1</translation>
    </message>
    <message>
        <source>The job ends as failed, the run with it</source>
        <translation>作业以失败结束，运行随之失败</translation>
    </message>
    <message>
        <source>The job starts: GitLab waits for that after the approval</source>
        <translation>作业启动：批准之后 GitLab 等待这一步</translation>
    </message>
    <message numerus="yes">
        <source>The job stays blocked: %n approval(s) of others are missing</source>
        <translation>
            <numerusform>作业仍被阻塞：还缺 %n 个他人的批准</numerusform>
        </translation>
    </message>
    <message>
        <source>Read from %1 just now</source>
        <translation>刚刚从 %1 读取</translation>
    </message>
    <message>
        <source>You started this deployment</source>
        <translation>此部署由你发起</translation>
    </message>
    <message>
        <source>%1 wants somebody else to approve it.</source>
        <translation>%1 要求由他人批准。</translation>
    </message>
    <message>
        <source>Ask somebody of those who may.</source>
        <translation>请有权限的人来做。</translation>
    </message>
    <message>
        <source>decide on deployments</source>
        <translation>对部署作出决定</translation>
    </message>
    <message numerus="yes">
        <source>The deployment waits: %n approval(s) are missing</source>
        <translation>
            <numerusform>部署正在等待：还缺 %n 个批准</numerusform>
        </translation>
    </message>
    <message>
        <source>You have decided so already</source>
        <translation>你已如此决定</translation>
    </message>
    <message>
        <source>It takes others, too.</source>
        <translation>还需要其他人。</translation>
    </message>
    <message>
        <source>You have not decided yet</source>
        <translation>你尚未决定</translation>
    </message>
    <message>
        <source>GitLab has no rejection for a manual job: cancel the run instead.</source>
        <translation>GitLab 的手动作业不能驳回：请改为取消该运行。</translation>
    </message>
    <message>
        <source>Somebody was faster: %1 started %2.</source>
        <translation>有人抢先一步：%1 启动了 %2。</translation>
    </message>
    <message>
        <source>somebody</source>
        <translation>某人</translation>
    </message>
    <message>
        <source>%1 runs</source>
        <translation>%1 运行</translation>
    </message>
    <message>
        <source>Job %1 of the stage %2, then what waits for it</source>
        <translation>阶段 %2 的作业 %1，然后是等待它的作业</translation>
    </message>
    <message>
        <source>start jobs</source>
        <translation>启动作业</translation>
    </message>
    <message>
        <source>%1 waits to be started</source>
        <translation>%1 等待启动</translation>
    </message>
    <message>
        <source>It has not been started</source>
        <translation>尚未启动</translation>
    </message>
    <message>
        <source>the log of job %1</source>
        <translation>作业 %1 的日志</translation>
    </message>
    <message>
        <source>The log is shorter than before: it was erased, or the job began anew.</source>
        <translation>日志比之前短：已被清除，或作业重新开始。</translation>
    </message>
    <message>
        <source>The job has not begun.</source>
        <translation>作业尚未开始。</translation>
    </message>
    <message>
        <source>GitLab keeps one log a job, none for its steps.</source>
        <translation>GitLab 每个作业只有一份日志，步骤没有单独的日志。</translation>
    </message>
    <message>
        <source>run %1</source>
        <translation>运行 %1</translation>
    </message>
    <message>
        <source>No run was named.</source>
        <translation>没有指定运行。</translation>
    </message>
    <message>
        <source>GitLab does not say which rights we have in %1</source>
        <translation>GitLab 没有说明我们在 %1 中的权限</translation>
    </message>
    <message>
        <source>The token&apos;s user is no member of it: an administrator, perhaps.</source>
        <translation>令牌的用户不是其成员：或许是管理员。</translation>
    </message>
    <message>
        <source>It refuses the call where they do not suffice.</source>
        <translation>权限不足时它会拒绝调用。</translation>
    </message>
    <message>
        <source>You may not %1</source>
        <translation>你不能%1</translation>
    </message>
    <message>
        <source>Ask a maintainer of the project for it.</source>
        <translation>请向项目的维护者申请。</translation>
    </message>
    <message>
        <source>Our role in %1 suffices</source>
        <translation>我们在 %1 中的角色足够</translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) again</source>
        <translation>
            <numerusform>重新运行 %n 个作业</numerusform>
        </translation>
    </message>
    <message>
        <source>Run what failed or was cancelled in %1 again</source>
        <translation>重新运行 %1 中失败或已取消的作业</translation>
    </message>
    <message>
        <source>only while these are the newest attempts</source>
        <translation>仅当这些仍是最新的尝试</translation>
    </message>
    <message>
        <source>run jobs again</source>
        <translation>重新运行作业</translation>
    </message>
    <message>
        <source>Nothing in %1 failed or was cancelled</source>
        <translation>%1 中没有失败或被取消的作业</translation>
    </message>
    <message>
        <source>Start a new run instead.</source>
        <translation>请改为启动新的运行。</translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) failed or were cancelled</source>
        <translation>
            <numerusform>%n 个作业失败或被取消</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) will not run</source>
        <translation>
            <numerusform>%n 个作业将不运行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) end, of them running: %1</source>
        <translation>
            <numerusform>%n 个作业结束，其中正在运行：%1</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel %1 of %2</source>
        <translation>取消 %2 的%1</translation>
    </message>
    <message>
        <source>only if it goes on</source>
        <translation>仅当它仍在进行</translation>
    </message>
    <message>
        <source>cancel runs</source>
        <translation>取消运行</translation>
    </message>
    <message>
        <source>Nothing of %1 goes on</source>
        <translation>%1 没有仍在进行的部分</translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) are not done</source>
        <translation>
            <numerusform>%n 个作业尚未完成</numerusform>
        </translation>
    </message>
    <message>
        <source>Start a run of %1 on %2</source>
        <translation>在 %2 上启动 %1 的运行</translation>
    </message>
    <message>
        <source>only while %1 is at %2</source>
        <translation>仅当 %1 位于 %2</translation>
    </message>
    <message>
        <source>GitLab makes a run of a merge request only from the merge request itself. What failed can be run again, and single jobs.</source>
        <translation>GitLab 只能从合并请求本身创建其运行。可以重新运行失败的部分或单个作业。</translation>
    </message>
    <message>
        <source>a new run of %1 at %2</source>
        <translation>%1 在 %2 的新运行</translation>
    </message>
    <message>
        <source>All jobs, under a new number; variables that were given by hand are not given again</source>
        <translation>所有作业，使用新的编号；手动给出的变量不会再次传入</translation>
    </message>
    <message>
        <source>start runs</source>
        <translation>启动运行</translation>
    </message>
    <message>
        <source>%1 is still at %2</source>
        <translation>%1 仍位于 %2</translation>
    </message>
    <message>
        <source>%1 is at %2 by now, the run was of %3</source>
        <translation>%1 现位于 %2，而该运行属于 %3</translation>
    </message>
    <message>
        <source>Run its jobs again one by one, or start a new run of the branch.</source>
        <translation>请逐个重新运行其作业，或启动该分支的新运行。</translation>
    </message>
    <message>
        <source>No variables</source>
        <translation>无变量</translation>
    </message>
    <message>
        <source>With variables: %1</source>
        <translation>变量：%1</translation>
    </message>
    <message>
        <source>%1 has no branch or tag %2</source>
        <translation>%1 没有分支或标签 %2</translation>
    </message>
    <message>
        <source>Name one that is there.</source>
        <translation>请指定存在的一个。</translation>
    </message>
    <message>
        <source>%1 is at %2</source>
        <translation>%1 位于 %2</translation>
    </message>
    <message>
        <source>CI/CD is switched off for %1</source>
        <translation>%1 的 CI/CD 已关闭</translation>
    </message>
    <message>
        <source>A maintainer can switch it on in the settings.</source>
        <translation>维护者可在设置中打开它。</translation>
    </message>
    <message>
        <source>%1 of %2 again</source>
        <translation>重新运行 %2 的 %1</translation>
    </message>
    <message>
        <source>%1 in %2 again</source>
        <translation>再次将 %1 部署到 %2</translation>
    </message>
    <message>
        <source>Deploys what %1 deployed to %2; newer ones were deployed since</source>
        <translation>部署 %1 曾部署到 %2 的内容；此后已部署过更新的版本</translation>
    </message>
    <message>
        <source>One job of %1</source>
        <translation>%1 的一个作业</translation>
    </message>
    <message>
        <source>Run %1 of %2 again</source>
        <translation>重新运行 %2 的 %1</translation>
    </message>
    <message>
        <source>only while this is its newest attempt</source>
        <translation>仅当这是其最新的尝试</translation>
    </message>
    <message>
        <source>%1 has ended</source>
        <translation>%1 已结束</translation>
    </message>
    <message>
        <source>%1 cannot be run again: %2</source>
        <translation>%1 不能重新运行：%2</translation>
    </message>
    <message>
        <source>The project is archived.</source>
        <translation>该项目已归档。</translation>
    </message>
    <message>
        <source>CI/CD is switched off for it.</source>
        <translation>其 CI/CD 已关闭。</translation>
    </message>
    <message>
        <source>GitLab&apos;s REST API does not tell which job needs which: each stage is drawn as waiting for all jobs of the stage before it.</source>
        <translation>GitLab 的 REST API 不说明作业之间的依赖：每个阶段都画成等待前一阶段的所有作业。</translation>
    </message>
    <message>
        <source>Which jobs deploy to which environment cannot be told: %1</source>
        <translation>无法得知哪些作业部署到哪个环境：%1</translation>
    </message>
    <message>
        <source>The pipeline&apos;s definition</source>
        <translation>流水线定义</translation>
    </message>
    <message>
        <source>The run goes on.</source>
        <translation>运行仍在进行。</translation>
    </message>
    <message>
        <source>GitLab starts no new run of a merge request or a child run by itself.</source>
        <translation>GitLab 不会单独为合并请求或子流水线启动新的运行。</translation>
    </message>
    <message>
        <source>No job failed or was cancelled.</source>
        <translation>没有作业失败或被取消。</translation>
    </message>
    <message>
        <source>Nothing of it goes on.</source>
        <translation>没有仍在进行的部分。</translation>
    </message>
    <message>
        <source>the tests of run %1 of %2</source>
        <translation>%2 的运行 %1 的测试</translation>
    </message>
    <message>
        <source>Nothing was written.</source>
        <translation>没有写入任何内容。</translation>
    </message>
    <message>
        <source>This step is none of GitLab&apos;s.</source>
        <translation>此步骤不属于 GitLab。</translation>
    </message>
    <message>
        <source>GitLab has no dry run.</source>
        <translation>GitLab 没有试运行。</translation>
    </message>
    <message>
        <source>Somebody was faster: jobs of run %1 were run again meanwhile.</source>
        <translation>有人抢先一步：运行 %1 的作业已被重新运行。</translation>
    </message>
    <message>
        <source>Somebody was faster: %1 ran %2 again (job %3).</source>
        <translation>有人抢先一步：%1 重新运行了 %2（作业 %3）。</translation>
    </message>
    <message>
        <source>Run %1 has ended meanwhile: %2.</source>
        <translation>运行 %1 已经结束：%2。</translation>
    </message>
    <message>
        <source>%1 was moved to %2 meanwhile.</source>
        <translation>%1 已移动到 %2。</translation>
    </message>
    <message>
        <source>Somebody was faster: %1 rejected it.</source>
        <translation>有人抢先一步：%1 已驳回。</translation>
    </message>
    <message>
        <source>You have approved it already; it takes others, too.</source>
        <translation>你已批准；还需要其他人。</translation>
    </message>
    <message>
        <source>Somebody was faster: %1 gave the last approval.</source>
        <translation>有人抢先一步：%1 给出了最后一个批准。</translation>
    </message>
    <message>
        <source>%1 does not wait any more: %2.</source>
        <translation>%1 不再等待：%2。</translation>
    </message>
    <message>
        <source>GitLab sends us elsewhere: %1 may have been moved or renamed.</source>
        <translation>GitLab 将我们引向别处：%1 可能已移动或改名。</translation>
    </message>
    <message>
        <source>no new attempt yet</source>
        <translation>还没有新的尝试</translation>
    </message>
    <message>
        <source>job %1 was made: %2</source>
        <translation>已创建作业 %1：%2</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n job(s) have a new attempt</source>
        <translation>
            <numerusform>%n 个作业中有 %1 个有了新的尝试</numerusform>
        </translation>
    </message>
    <message>
        <source>it ended: %1</source>
        <translation>已结束：%1</translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) still go on</source>
        <translation>
            <numerusform>%n 个作业仍在进行</numerusform>
        </translation>
    </message>
    <message>
        <source>nothing of it goes on</source>
        <translation>没有仍在进行的部分</translation>
    </message>
    <message>
        <source>no new run yet</source>
        <translation>还没有新的运行</translation>
    </message>
    <message>
        <source>run %1 was made: %2</source>
        <translation>已创建运行 %1：%2</translation>
    </message>
    <message>
        <source>%1 rejected it</source>
        <translation>%1 已驳回</translation>
    </message>
    <message>
        <source>GitLab does not show the decision yet</source>
        <translation>GitLab 尚未显示该决定</translation>
    </message>
    <message>
        <source>rejected, but the job still waits</source>
        <translation>已驳回，但作业仍在等待</translation>
    </message>
    <message>
        <source>rejected; the job will not run</source>
        <translation>已驳回；作业将不运行</translation>
    </message>
    <message>
        <source>it was deleted</source>
        <translation>已被删除</translation>
    </message>
    <message>
        <source>What a pipeline was told cannot be taken back by a call.</source>
        <translation>对流水线下达的指令无法通过调用撤回。</translation>
    </message>
    <message>
        <source>No job made it: there is nothing to run again.</source>
        <translation>它不是由作业产生的：没有可重新运行的内容。</translation>
    </message>
    <message>
        <source>GitLab does not say which run it belongs to.</source>
        <translation>GitLab 没有说明它属于哪个运行。</translation>
    </message>
    <message>
        <source>GitLab answered with something that is no list.</source>
        <translation>GitLab 的回答不是列表。</translation>
    </message>
    <message>
        <source>GitLab lists an environment without a name.</source>
        <translation>GitLab 列出了一个没有名称的环境。</translation>
    </message>
    <message>
        <source>the environments of %1</source>
        <translation>%1 的环境</translation>
    </message>
    <message>
        <source>Run %1 was deleted, and its job with it.</source>
        <translation>运行 %1 已被删除，其作业也一并删除。</translation>
    </message>
    <message>
        <source>Job %1 of run %2 runs again and deploys to %3 what deployment %4 brought there</source>
        <translation>重新运行运行 %2 的作业 %1，把部署 %4 当时的内容再次部署到 %3</translation>
    </message>
    <message>
        <source>Deploy %1 to %2 again</source>
        <translation>把 %1 再次部署到 %2</translation>
    </message>
    <message>
        <source>only while %1 has what is shown here, and this is the job&apos;s newest attempt</source>
        <translation>仅当 %1 仍是此处所示的内容，且这是该作业最新的一次尝试时</translation>
    </message>
    <message>
        <source>Job %1 can be run again</source>
        <translation>作业 %1 可以重新运行</translation>
    </message>
    <message>
        <source>Job %1 cannot be run again: %2</source>
        <translation>作业 %1 不能重新运行：%2</translation>
    </message>
    <message>
        <source>Wait for its end, or cancel it.</source>
        <translation>等待其结束，或将其取消。</translation>
    </message>
    <message>
        <source>approved, %1 of %2: still waits</source>
        <translation>已批准，%1/%2：仍在等待</translation>
    </message>
    <message>
        <source>approved, %1 of %2</source>
        <translation>已批准，%1/%2</translation>
    </message>
    <message>
        <source>approved, %1 of %2: %3 still waits</source>
        <translation>已批准，%1/%2：%3 仍在等待</translation>
    </message>
    <message>
        <source>GitLab leaves out jobs that the token&apos;s user may not run, of protected environments.</source>
        <translation>GitLab 会略过令牌用户无权运行的作业，即受保护环境的作业。</translation>
    </message>
    <message>
        <source>approved, %1 of %2: its job waits to be started</source>
        <translation>已批准，%1/%2：其作业等待启动</translation>
    </message>
    <message>
        <source>%1 was started, and cancelled meanwhile</source>
        <translation>%1 已启动，但其间被取消</translation>
    </message>
    <message>
        <source>%1 was cancelled before it began</source>
        <translation>%1 在开始之前被取消</translation>
    </message>
    <message>
        <source>%1 did not begin: %2</source>
        <translation>%1 没有开始：%2</translation>
    </message>
    <message>
        <source>run %1 was made, but runs commit %2, not %3 which was shown</source>
        <translation>运行 %1 已创建，但运行的是提交 %2，而不是显示的 %3</translation>
    </message>
    <message>
        <source>%1 was moved meanwhile. Cancel the run where that is not what you want.</source>
        <translation>%1 其间已移动。若非你所愿，请取消该运行。</translation>
    </message>
    <message>
        <source>The project refuses older deployments. A maintainer can allow &quot;job retries for rollback deployments&quot; in the settings of CI/CD.</source>
        <translation>该项目拒绝较旧的部署。维护者可以在 CI/CD 设置中允许“job retries for rollback deployments”。</translation>
    </message>
    <message>
        <source>Meanwhile %1 deployed %2 to %3.</source>
        <translation>期间 %1 把 %2 部署到了 %3。</translation>
    </message>
    <message>
        <source>Meanwhile the deployments of %1 were removed.</source>
        <translation>期间 %1 的部署已被删除。</translation>
    </message>
    <message>
        <source>Job %1 of run %2 is gone.</source>
        <translation>运行 %2 的作业 %1 已不存在。</translation>
    </message>
    <message>
        <source>GitLab shows no new deployment to %1 yet</source>
        <translation>GitLab 尚未显示到 %1 的新部署</translation>
    </message>
    <message>
        <source>deployment %1 to %2: %3</source>
        <translation>部署 %1（到 %2）：%3</translation>
    </message>
    <message>
        <source>%1 is live in %2: deployment %3</source>
        <translation>%1 已在 %2 上线：部署 %3</translation>
    </message>
    <message>
        <source>%1 deployed %2 after it.</source>
        <translation>之后 %1 部署了 %2。</translation>
    </message>
    <message>
        <source>It waits for people: approve it among the gates.</source>
        <translation>它在等待人工处理：请在门禁中批准。</translation>
    </message>
    <message>
        <source>%1 approved it meanwhile: yours would be the last approval, %2 of %2, after which the deployment can start. Look at it again.</source>
        <translation>其间 %1 已批准：你的批准将是最后一个（%2/%2），之后部署即可开始。请重新查看。</translation>
    </message>
    <message numerus="yes">
        <source>Yours was shown as the last approval, but %n are missing by now. Look at it again.</source>
        <translation>
            <numerusform>显示时你的批准是最后一个，但现在还缺 %n 个。请重新查看。</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 rejected it meanwhile: %2 was not started.</source>
        <translation>其间 %1 已驳回：%2 未启动。</translation>
    </message>
    <message>
        <source>%1; %2 was not started.</source>
        <translation>%1；%2 未启动。</translation>
    </message>
    <message>
        <source>Somebody was faster: %1 has been started already.</source>
        <translation>有人抢先一步：%1 已经启动。</translation>
    </message>
    <message>
        <source>Meanwhile %1 began deployment %2 of %3 to %4: %5.</source>
        <translation>在此期间，%1 已开始将 %3 部署到 %4（部署 %2）：%5。</translation>
    </message>
    <message>
        <source>GitLab does not say which job makes this deployment: start it there.</source>
        <translation>GitLab 未说明此部署由哪个作业执行：请在 GitLab 中启动它。</translation>
    </message>
    <message>
        <source>The job starts</source>
        <translation>作业将启动</translation>
    </message>
    <message>
        <source>The deployment waits to be started</source>
        <translation>部署等待启动</translation>
    </message>
    <message>
        <source>Only the newest %1 that wait in %2 are looked at: older ones may wait, too.</source>
        <translation>%2 中只查看最新的 %1 个等待项：更早的也可能在等待。</translation>
    </message>
    <message>
        <source>To be started by hand, holding nothing up: %1. They are among the gates as long as the run is looked at, and &quot;signalbox approve %2&quot; starts the first.</source>
        <translation>需手动启动且不阻塞任何内容：%1。查看此运行期间，它们会列在门禁中；“signalbox approve %2”可启动第一个。</translation>
    </message>
    <message numerus="yes">
        <source>Wait for %n approval(s) of others</source>
        <translation>
            <numerusform>等待其他人的 %n 个批准</numerusform>
        </translation>
    </message>
    <message>
        <source>only while nobody rejects it</source>
        <translation>仅当无人驳回时</translation>
    </message>
    <message numerus="yes">
        <source>The job starts once %n other(s) approved it, too</source>
        <translation>
            <numerusform>另外 %n 人也批准后，作业即开始</numerusform>
        </translation>
    </message>
    <message>
        <source>Who may deploy to %1 of %2: %3.</source>
        <translation>可以部署到 %2 的 %1 的有：%3。</translation>
    </message>
    <message>
        <source>who may deploy to the environments of %1</source>
        <translation>谁可以部署到 %1 的环境</translation>
    </message>
    <message>
        <source>list of protected environments</source>
        <translation>受保护环境的列表</translation>
    </message>
    <message>
        <source>who may push or merge to the branches of %1</source>
        <translation>谁可以推送或合并到 %1 的分支</translation>
    </message>
    <message>
        <source>Who decided its gates is told of its newest %1 deployments of %2.</source>
        <translation>只说明其 %2 次部署中最新 %1 次的门禁由谁决定。</translation>
    </message>
    <message>
        <source>Who decided its gates could not be read: %1</source>
        <translation>无法读取由谁决定了它的门禁：%1</translation>
    </message>
    <message>
        <source>list of protected branches</source>
        <translation>受保护分支的列表</translation>
    </message>
    <message>
        <source>Developers and those above them</source>
        <translation>Developer 及以上角色</translation>
    </message>
    <message>
        <source>Who may push or merge to %1 of %2, and so start its jobs: %3.</source>
        <translation>可以推送或合并到 %2 的 %1，因而可以启动其作业的有：%3。</translation>
    </message>
    <message>
        <source>Nobody may push or merge to %1 of %2, and so nobody may start its jobs.</source>
        <translation>没有人可以推送或合并到 %2 的 %1，因此没有人可以启动其作业。</translation>
    </message>
    <message>
        <source>%1 of %2 is protected, and GitLab does not tell us who may push or merge to it: only they may start its jobs.</source>
        <translation>%2 的 %1 受保护，而 GitLab 不告诉我们谁可以推送或合并到它：只有他们可以启动其作业。</translation>
    </message>
    <message>
        <source>Deploys what %1 deployed to %2; a newer deployment was begun since and has not succeeded</source>
        <translation>部署 %1 曾部署到 %2 的内容；其后已开始过更新的部署，但尚未成功</translation>
    </message>
    <message>
        <source>Which tests they are could not be read: %1</source>
        <translation>无法读取是哪些测试：%1</translation>
    </message>
    <message>
        <source>The coverage could not be read: %1</source>
        <translation>无法读取覆盖率：%1</translation>
    </message>
    <message>
        <source>who may deploy to the environments of the group %1</source>
        <translation>谁可以部署到群组 %1 的环境</translation>
    </message>
    <message>
        <source>who may create the tags of %1</source>
        <translation>谁可以创建 %1 的标签</translation>
    </message>
    <message>
        <source>tag</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>list of environments</source>
        <translation>环境列表</translation>
    </message>
    <message>
        <source>list of protected tags</source>
        <translation>受保护标签列表</translation>
    </message>
    <message>
        <source>Who may create the tag %1 of %2, and so start its jobs: %3.</source>
        <translation>可以创建 %2 的标签 %1，因而可以启动其作业的有：%3。</translation>
    </message>
    <message>
        <source>Nobody may create the tag %1 of %2, and so nobody may start its jobs.</source>
        <translation>没有人可以创建 %2 的标签 %1，因而没有人可以启动其作业。</translation>
    </message>
    <message>
        <source>The tag %1 of %2 is protected, and GitLab does not tell us who may create it: only they may start its jobs.</source>
        <translation>%2 的标签 %1 受保护，而 GitLab 不告诉我们谁可以创建它：只有他们可以启动其作业。</translation>
    </message>
    <message>
        <source>Whom its group lets deploy to %1 of %2: %3.</source>
        <translation>其群组允许部署到 %2 的 %1 的有：%3。</translation>
    </message>
    <message>
        <source>Whether a group above %1 lets fewer deploy to %2 GitLab does not tell us.</source>
        <translation>%1 的上级群组是否对 %2 的部署限制更严，GitLab 没有告诉我们。</translation>
    </message>
</context>
<context>
    <name>GitSource</name>
    <message>
        <source>Stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <source>%1 has not been fetched yet.</source>
        <translation>%1 尚未获取。</translation>
    </message>
</context>
<context>
    <name>Health</name>
    <message>
        <source>not started</source>
        <translation>未开始</translation>
    </message>
    <message>
        <source>ok</source>
        <translation>正常</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>in progress</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>waiting for people</source>
        <translation>等待人工</translation>
    </message>
    <message>
        <source>warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>failing</source>
        <translation>故障</translation>
    </message>
</context>
<context>
    <name>HttpClient</name>
    <message>
        <source>%1 closed the connection before it answered. Try again; if it stays so, look at the server&apos;s log, or at what stands between.</source>
        <translation>%1 在响应之前关闭了连接。请重试；若仍如此，请查看服务器日志或中间的网络设备。</translation>
    </message>
    <message>
        <source>%1 broke off its answer after %2 of %3 bytes. Try again; if it stays so, look at the server&apos;s log, or at what stands between.</source>
        <translation>%1 的响应在 %2 / %3 字节处中断。请重试；若仍如此，请查看服务器日志或中间的网络设备。</translation>
    </message>
    <message>
        <source>%1 broke off its answer after %2 bytes. Try again; if it stays so, look at the server&apos;s log, or at what stands between.</source>
        <translation>%1 的响应在 %2 字节后中断。请重试；若仍如此，请查看服务器日志或中间的网络设备。</translation>
    </message>
    <message>
        <source>The proxy on the way to %1 asks for a user name and password. Give them in the connection&apos;s proxy address.</source>
        <translation>通往 %1 的代理要求用户名和密码。请在该连接的代理地址中填写。</translation>
    </message>
    <message>
        <source>The proxy refused the way to %1 with status %2. Check the connection&apos;s proxy, or except this host from it.</source>
        <translation>代理拒绝了通往 %1 的请求，状态码 %2。请检查该连接的代理，或将此主机排除在代理之外。</translation>
    </message>
    <message>
        <source>The proxy on the way to %1 could not be used. Check the connection&apos;s proxy, or except this host from it.</source>
        <translation>通往 %1 的代理无法使用。请检查该连接的代理，或将此主机排除在代理之外。</translation>
    </message>
    <message>
        <source>%1 refused the connection&apos;s client certificate. Check that it is the right one and has not expired.</source>
        <translation>%1 拒绝了该连接的客户端证书。请检查证书是否正确、是否过期。</translation>
    </message>
    <message>
        <source>%1 demands a client certificate, and the connection has none. Add one to the connection.</source>
        <translation>%1 要求客户端证书，而该连接没有。请为该连接添加证书。</translation>
    </message>
    <message>
        <source>%1 refused the connection: nothing listens there. Check the address and port, and that the server runs.</source>
        <translation>%1 拒绝连接：该端口没有监听。请检查地址和端口，并确认服务器正在运行。</translation>
    </message>
    <message>
        <source>%1 cannot be reached. Check the address, the network and the VPN.</source>
        <translation>无法访问 %1。请检查地址、网络和 VPN。</translation>
    </message>
    <message>
        <source>%1 sent an answer whose compression cannot be undone.</source>
        <translation>%1 发送的响应无法解压缩。</translation>
    </message>
    <message>
        <source>%1 sent something that is not HTTP. Check that the address and port are those of the service, and whether it wants https.</source>
        <translation>%1 返回的不是 HTTP。请检查地址和端口是否属于该服务，以及是否应使用 https。</translation>
    </message>
    <message>
        <source>The name %1 was not found. Check the address, the network and the VPN.</source>
        <translation>找不到名称 %1。请检查地址、网络和 VPN。</translation>
    </message>
    <message>
        <source>No connection to %1 within %2 s. Check the address, the network and the VPN.</source>
        <translation>%2 秒内未能连接到 %1。请检查地址、网络和 VPN。</translation>
    </message>
    <message>
        <source>%1 cannot be trusted: %2</source>
        <translation>%1 不可信：%2</translation>
    </message>
    <message>
        <source>The client certificate or key for %1 cannot be used: they must be PEM, belong together and have no passphrase.</source>
        <translation>%1 的客户端证书或私钥无法使用：两者须为 PEM 格式、相互匹配且没有口令。</translation>
    </message>
    <message>
        <source>The certificate authority given for %1 cannot be read: PEM was expected.</source>
        <translation>为 %1 指定的证书颁发机构文件无法读取：应为 PEM 格式。</translation>
    </message>
    <message>
        <source>No secure connection to %1: the TLS handshake failed. Check that the port speaks https.</source>
        <translation>未能与 %1 建立安全连接：TLS 握手失败。请检查该端口是否使用 https。</translation>
    </message>
    <message>
        <source>The connection to %1 was lost before it was secure. Try again.</source>
        <translation>与 %1 的连接在加密之前断开。请重试。</translation>
    </message>
    <message>
        <source>It is not known whether %1 carried out the change (%2): its answer was lost. Look at the present state before doing it again.</source>
        <translation>无法得知 %1 是否执行了该变更（%2）：响应丢失。重做之前请先查看当前状态。</translation>
    </message>
    <message>
        <source>%1 took the request and did not answer within %2 s. It may be overloaded; try again later.</source>
        <translation>%1 收到请求后 %2 秒内没有响应。它可能过载，请稍后重试。</translation>
    </message>
    <message>
        <source>%1 stopped in the middle of its answer, after %2, and sent nothing for %3 s. Try again.</source>
        <translation>%1 的响应在 %2 之后中断，%3 秒内没有再发送数据。请重试。</translation>
    </message>
    <message>
        <source>%1 was not done within %2 s (%3). Try again, or ask for less at a time.</source>
        <translation>%1 未能在 %2 秒内完成（%3）。请重试，或一次请求更少的数据。</translation>
    </message>
    <message>
        <source>The answer of %1 is larger than the %2 accepted here. Ask for less at a time.</source>
        <translation>%1 的响应超过此处允许的 %2。请一次请求更少的数据。</translation>
    </message>
    <message>
        <source>%1 sent more headers than any answer needs. Check that the address is that of the service.</source>
        <translation>%1 发送的响应头过多，不像正常响应。请检查地址是否属于该服务。</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <source>An address with the scheme &quot;%1&quot; is not opened; only http and https are.</source>
        <translation>不会打开协议为“%1”的地址，只支持 http 和 https。</translation>
    </message>
    <message>
        <source>The address names no host. Expected one like https://host:port/path.</source>
        <translation>地址中没有主机名。应为 https://host:port/path 的形式。</translation>
    </message>
    <message>
        <source>%1 points from https to an unencrypted address on %2. It was not followed; ask for the server to be set up with https addresses.</source>
        <translation>%1 从 https 重定向到 %2 上未加密的地址，未跟随。请要求为该服务器配置 https 地址。</translation>
    </message>
    <message>
        <source>The path of a request to %1 holds a blank or a control character.</source>
        <translation>发往 %1 的请求路径中含有空格或控制字符。</translation>
    </message>
    <message>
        <source>A change that belongs to %1 was not sent to %2, another host.</source>
        <translation>属于 %1 的变更没有发送到另一台主机 %2。</translation>
    </message>
    <message>
        <source>%1 answered with a redirect to an address that cannot be read.</source>
        <translation>%1 返回了重定向，但目标地址无法解析。</translation>
    </message>
    <message>
        <source>its certificate is for another name than %1. Use the name in the certificate, or set the connection&apos;s TLS server name.</source>
        <translation>其证书颁发给了 %1 以外的名称。请使用证书中的名称，或设置该连接的 TLS 服务器名称。</translation>
    </message>
    <message>
        <source>its certificate has expired. Have it renewed, and check this computer&apos;s clock.</source>
        <translation>其证书已过期。请续签证书，并检查本机时钟。</translation>
    </message>
    <message>
        <source>its certificate is not valid yet. Check this computer&apos;s clock, then the certificate.</source>
        <translation>其证书尚未生效。请先检查本机时钟，再检查证书。</translation>
    </message>
    <message>
        <source>its certificate was revoked. Have a new one issued.</source>
        <translation>其证书已被吊销。请重新签发证书。</translation>
    </message>
    <message>
        <source>its certificate is signed by an authority unknown here. If the server is the right one, give the connection the authority&apos;s certificate.</source>
        <translation>其证书由本机未知的机构签发。如果服务器无误，请为该连接指定该机构的证书。</translation>
    </message>
    <message>
        <source>its certificate was refused.</source>
        <translation>其证书被拒绝。</translation>
    </message>
    <message>
        <source>its certificate was refused: %1.</source>
        <translation>其证书被拒绝：%1。</translation>
    </message>
    <message>
        <source>A request was made without a connection.</source>
        <translation>请求没有指定连接。</translation>
    </message>
    <message>
        <source>A request was made with a method that is none.</source>
        <translation>请求使用了不存在的方法。</translation>
    </message>
    <message>
        <source>A header of a request to %1 holds a character that headers cannot hold.</source>
        <translation>发往 %1 的请求头中含有不允许的字符。</translation>
    </message>
    <message>
        <source>The credential of the connection was lost inside the program.</source>
        <translation>该连接的凭据在程序内部丢失。</translation>
    </message>
    <message>
        <source>The credential of the connection to %1 holds a character that headers cannot hold. Look for a line break in it.</source>
        <translation>连接 %1 的凭据中含有请求头不允许的字符。请检查其中是否有换行。</translation>
    </message>
    <message>
        <source>The request to %1 could not be set up: this build of libcurl lacks a feature.</source>
        <translation>无法建立发往 %1 的请求：此版本的 libcurl 缺少某项功能。</translation>
    </message>
    <message>
        <source>%1 leads from address to address without end. Check the connection&apos;s address.</source>
        <translation>%1 不断地重定向，没有终点。请检查该连接的地址。</translation>
    </message>
    <message>
        <source>waiting for its turn</source>
        <translation>排队等待</translation>
    </message>
    <message>
        <source>waiting for a credential</source>
        <translation>等待凭据</translation>
    </message>
    <message>
        <source>waiting to try again</source>
        <translation>等待重试</translation>
    </message>
    <message>
        <source>receiving the answer</source>
        <translation>正在接收响应</translation>
    </message>
    <message>
        <source>waiting for the answer</source>
        <translation>等待响应</translation>
    </message>
</context>
<context>
    <name>Jenkins</name>
    <message>
        <source>The job is disabled.</source>
        <translation>该作业已停用。</translation>
    </message>
    <message>
        <source>Stuck: %1</source>
        <translation>卡住：%1</translation>
    </message>
    <message>
        <source>It was taken out of the queue.</source>
        <translation>它已从队列中移除。</translation>
    </message>
    <message>
        <source>Jenkins demands a crumb with each change (%1).</source>
        <translation>Jenkins 要求每次更改都带有 crumb（%1）。</translation>
    </message>
    <message>
        <source>Jenkins does not let us: %1. The right %2 is missing.</source>
        <translation>Jenkins 不允许我们：%1。缺少权限 %2。</translation>
    </message>
    <message>
        <source>Somebody decided it before (%1).</source>
        <translation>已有人先作出决定（%1）。</translation>
    </message>
    <message>
        <source>Jenkins does not let us: %1.</source>
        <translation>Jenkins 不允许我们：%1。</translation>
    </message>
    <message>
        <source>The job is disabled (%1).</source>
        <translation>该作业已停用（%1）。</translation>
    </message>
    <message>
        <source>run %1 of %2</source>
        <translation>%2 的运行 %1</translation>
    </message>
    <message>
        <source>item %1 of the queue</source>
        <translation>队列中的项 %1</translation>
    </message>
    <message>
        <source>what run %1 of %2 waits for</source>
        <translation>%2 的运行 %1 在等待什么</translation>
    </message>
    <message>
        <source>the job %1</source>
        <translation>作业 %1</translation>
    </message>
    <message>
        <source>%1 does not know us: it leads to its log-in instead of doing it.</source>
        <translation>%1 不认识我们：它转到登录页面，而没有执行。</translation>
    </message>
    <message>
        <source>a crumb</source>
        <translation>crumb</translation>
    </message>
    <message>
        <source>who we are</source>
        <translation>我们是谁</translation>
    </message>
    <message>
        <source>its plugin Blue Ocean</source>
        <translation>它的 Blue Ocean 插件</translation>
    </message>
    <message>
        <source>the folder of %1</source>
        <translation>%1 所在的文件夹</translation>
    </message>
    <message>
        <source>what we may do with %1</source>
        <translation>我们可以对 %1 做什么</translation>
    </message>
    <message>
        <source>Stopping it here is open to everybody with the right Job/Cancel, submitter or not.</source>
        <translation>凡有 Job/Cancel 权限的人都可以在此停止它，无论是否为审批人。</translation>
    </message>
    <message>
        <source>Jenkins does not know who we are: give the connection a user and an API token.</source>
        <translation>Jenkins 不知道我们是谁：请为该连接设置用户和 API 令牌。</translation>
    </message>
    <message>
        <source>Who may decide only Blue Ocean tells, and this Jenkins does not.</source>
        <translation>谁可以决定只有 Blue Ocean 会说明，而此 Jenkins 没有。</translation>
    </message>
    <message>
        <source>Everybody with the right Job/Build may decide.</source>
        <translation>凡有 Job/Build 权限的人都可以决定。</translation>
    </message>
    <message>
        <source>We (%1) are not among those who may decide: %2. Administrators may as well, and Jenkins does not tell whether we are one.</source>
        <translation>我们（%1）不在可以决定的人之列：%2。管理员也可以决定，而 Jenkins 不说明我们是否为管理员。</translation>
    </message>
    <message>
        <source>the runs under way</source>
        <translation>正在进行的运行</translation>
    </message>
    <message>
        <source>the stages of run %1</source>
        <translation>运行 %1 的阶段</translation>
    </message>
    <message>
        <source>the steps of run %1</source>
        <translation>运行 %1 的步骤</translation>
    </message>
    <message>
        <source>the steps of a stage of run %1</source>
        <translation>运行 %1 的一个阶段的步骤</translation>
    </message>
    <message>
        <source>This is no gate of a Jenkins.</source>
        <translation>这不是 Jenkins 的门禁。</translation>
    </message>
    <message>
        <source>Jenkins answered with something that is not what its API promises.</source>
        <translation>Jenkins 的回答与其 API 所承诺的不符。</translation>
    </message>
    <message>
        <source>the steps of a stage of run %1 of %2</source>
        <translation>%2 的运行 %1 的一个阶段的步骤</translation>
    </message>
    <message>
        <source>Of each step Jenkins gives the last 10 KiB, as it has no Blue Ocean; the log of the whole run is complete.</source>
        <translation>由于没有 Blue Ocean，Jenkins 对每个步骤只给出最后 10 KiB；整个运行的日志是完整的。</translation>
    </message>
    <message>
        <source>Each step stands here once it ended, as Jenkins has no Blue Ocean.</source>
        <translation>由于 Jenkins 没有 Blue Ocean，每个步骤结束后才会显示在这里。</translation>
    </message>
    <message>
        <source>the log of a step of run %1</source>
        <translation>运行 %1 的一个步骤的日志</translation>
    </message>
    <message>
        <source>run %1 is there: %2</source>
        <translation>运行 %1 已出现：%2</translation>
    </message>
    <message>
        <source>This is no step of a Jenkins.</source>
        <translation>这不是 Jenkins 的步骤。</translation>
    </message>
    <message>
        <source>it was taken out of the queue before it began</source>
        <translation>它在开始之前已从队列中移除</translation>
    </message>
    <message>
        <source>it waits in the queue</source>
        <translation>它在队列中等待</translation>
    </message>
    <message>
        <source>there is no new run of %1 yet</source>
        <translation>%1 还没有新的运行</translation>
    </message>
    <message>
        <source>run %1 is still being stopped</source>
        <translation>运行 %1 仍在停止中</translation>
    </message>
    <message>
        <source>its steps take their time to end</source>
        <translation>它的步骤需要一些时间才能结束</translation>
    </message>
    <message>
        <source>run %1 was stopped</source>
        <translation>运行 %1 已停止</translation>
    </message>
    <message>
        <source>run %1 ended before it could be stopped: %2</source>
        <translation>运行 %1 在能够停止之前已结束：%2</translation>
    </message>
    <message>
        <source>it began before, as run %1: stop that</source>
        <translation>它此前已作为运行 %1 开始：请停止那个运行</translation>
    </message>
    <message>
        <source>it is in the queue no more</source>
        <translation>它已不在队列中</translation>
    </message>
    <message>
        <source>it was taken out of the queue</source>
        <translation>它已从队列中移除</translation>
    </message>
    <message>
        <source>it still waits in the queue</source>
        <translation>它仍在队列中等待</translation>
    </message>
    <message>
        <source>run %1 still waits there</source>
        <translation>运行 %1 仍在那里等待</translation>
    </message>
    <message>
        <source>run %1 went on and has ended: %2</source>
        <translation>运行 %1 已继续并结束：%2</translation>
    </message>
    <message>
        <source>run %1 goes on</source>
        <translation>运行 %1 继续进行</translation>
    </message>
    <message>
        <source>run %1 was stopped: %2</source>
        <translation>运行 %1 已停止：%2</translation>
    </message>
    <message>
        <source>the gate of run %1 is closed; the run has not ended</source>
        <translation>运行 %1 的门禁已关闭；运行尚未结束</translation>
    </message>
    <message>
        <source>a pipeline may go on by its own rules after a stop at a gate</source>
        <translation>在门禁处停止之后，流水线可能按自己的规则继续</translation>
    </message>
    <message>
        <source>Read from Jenkins just now</source>
        <translation>刚刚从 Jenkins 读取</translation>
    </message>
    <message>
        <source>Jenkins does not say whether we have the right %1</source>
        <translation>Jenkins 不说明我们是否有权限 %1</translation>
    </message>
    <message>
        <source>It says so when it is asked to do it.</source>
        <translation>要求它执行时它才会说明。</translation>
    </message>
    <message>
        <source>We have the right %1</source>
        <translation>我们有权限 %1</translation>
    </message>
    <message>
        <source>We do not have the right %1</source>
        <translation>我们没有权限 %1</translation>
    </message>
    <message>
        <source>Ask for it, or ask somebody who has it.</source>
        <translation>请申请该权限，或请有此权限的人来做。</translation>
    </message>
    <message>
        <source>Jenkins job %1</source>
        <translation>Jenkins 作业 %1</translation>
    </message>
    <message>
        <source>(hidden)</source>
        <translation>（隐藏）</translation>
    </message>
    <message>
        <source>A value is needed for %1.</source>
        <translation>%1 需要一个值。</translation>
    </message>
    <message>
        <source>%1 takes one of: %2.</source>
        <translation>%1 只接受以下之一：%2。</translation>
    </message>
    <message>
        <source>%1 takes true or false.</source>
        <translation>%1 只接受 true 或 false。</translation>
    </message>
    <message>
        <source>Jenkins takes no parameter %1 here.</source>
        <translation>Jenkins 在此不接受参数 %1。</translation>
    </message>
    <message>
        <source>the run that waits in the queue</source>
        <translation>在队列中等待的运行</translation>
    </message>
    <message>
        <source>run %1</source>
        <translation>运行 %1</translation>
    </message>
    <message>
        <source>Run %1 again with the parameters of run %2</source>
        <translation>以运行 %2 的参数重新运行 %1</translation>
    </message>
    <message>
        <source>Start a run of %1</source>
        <translation>启动 %1 的运行</translation>
    </message>
    <message>
        <source>Jenkins does not tell the values of hidden parameters (%1), so the run cannot be repeated with the same ones: start a new one and fill them in.</source>
        <translation>Jenkins 不透露隐藏参数（%1）的值，因此无法以相同的参数重复该运行：请启动新的运行并填写这些参数。</translation>
    </message>
    <message>
        <source>approved</source>
        <translation>已批准</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>approved by %1</source>
        <translation>由 %1 批准</translation>
    </message>
    <message>
        <source>stopped by %1</source>
        <translation>由 %1 停止</translation>
    </message>
    <message>
        <source>In Jenkins each branch is a job of its own: start the one of %1.</source>
        <translation>在 Jenkins 中每个分支都是独立的作业：请启动 %1 的那个作业。</translation>
    </message>
    <message>
        <source>This job decides itself what it builds; it takes no branch.</source>
        <translation>该作业自行决定构建什么；它不接受分支。</translation>
    </message>
    <message>
        <source>no new run of %1</source>
        <translation>%1 没有新的运行</translation>
    </message>
    <message>
        <source>a new run of %1</source>
        <translation>%1 的新运行</translation>
    </message>
    <message>
        <source>it builds what the job builds now, not the commit of run %1</source>
        <translation>它构建该作业现在所构建的内容，而不是运行 %1 的提交</translation>
    </message>
    <message>
        <source>what it then does is up to the pipeline</source>
        <translation>之后做什么由流水线决定</translation>
    </message>
    <message>
        <source>Jenkins has none: whoever starts the same gets a run of their own</source>
        <translation>Jenkins 没有前置条件：任何人启动同样的内容都会得到各自的运行</translation>
    </message>
    <message>
        <source>The job is there and enabled</source>
        <translation>该作业存在且已启用</translation>
    </message>
    <message>
        <source>The job is disabled</source>
        <translation>该作业已停用</translation>
    </message>
    <message>
        <source>Enable it in Jenkins.</source>
        <translation>请在 Jenkins 中启用它。</translation>
    </message>
    <message>
        <source>%1 is %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>it is taken out of the queue</source>
        <translation>它将从队列中移除</translation>
    </message>
    <message>
        <source>it is stopped</source>
        <translation>它将被停止</translation>
    </message>
    <message>
        <source>it has done nothing yet</source>
        <translation>它尚未做任何事</translation>
    </message>
    <message>
        <source>what it did so far stays as it is</source>
        <translation>它到目前为止所做的保持原样</translation>
    </message>
    <message>
        <source>Stop %1 of %2</source>
        <translation>停止 %2 的%1</translation>
    </message>
    <message>
        <source>The run is there</source>
        <translation>运行存在</translation>
    </message>
    <message>
        <source>It has ended already: %1</source>
        <translation>它已经结束：%1</translation>
    </message>
    <message>
        <source>It goes on</source>
        <translation>它仍在进行</translation>
    </message>
    <message>
        <source>Jenkins does not know who we are</source>
        <translation>Jenkins 不知道我们是谁</translation>
    </message>
    <message>
        <source>Give the connection a user and an API token.</source>
        <translation>请为该连接设置用户和 API 令牌。</translation>
    </message>
    <message>
        <source>Stopping at a gate is open to submitters, and to everybody with the right Job/Cancel</source>
        <translation>在门禁处停止对审批人以及所有有 Job/Cancel 权限的人开放</translation>
    </message>
    <message>
        <source>We are among those who may decide</source>
        <translation>我们在可以决定的人之列</translation>
    </message>
    <message>
        <source>Jenkins does not say whether we may decide</source>
        <translation>Jenkins 不说明我们是否可以决定</translation>
    </message>
    <message>
        <source>run %1 waits: %2</source>
        <translation>运行 %1 在等待：%2</translation>
    </message>
    <message>
        <source>it goes on</source>
        <translation>它继续进行</translation>
    </message>
    <message>
        <source>what the pipeline does behind this gate</source>
        <translation>流水线在此门禁之后所做的事</translation>
    </message>
    <message>
        <source>Let run %1 of %2 go on</source>
        <translation>让 %2 的运行 %1 继续</translation>
    </message>
    <message>
        <source>Stop run %1 of %2 at its gate</source>
        <translation>在门禁处停止 %2 的运行 %1</translation>
    </message>
    <message>
        <source>Jenkins keeps no comment: it stands in our own records only</source>
        <translation>Jenkins 不保存备注：它只在我们自己的记录中</translation>
    </message>
    <message>
        <source>only if nobody decided before</source>
        <translation>仅当此前无人决定</translation>
    </message>
    <message>
        <source>It still waits</source>
        <translation>仍在等待</translation>
    </message>
    <message>
        <source>It was decided before</source>
        <translation>此前已有决定</translation>
    </message>
    <message>
        <source>%1 (not all of its jobs: name projects in the workspace)</source>
        <translation>%1（不是全部作业：请在工作区中指明项目）</translation>
    </message>
    <message>
        <source>its jobs</source>
        <translation>它的作业</translation>
    </message>
    <message>
        <source>the jobs of %1</source>
        <translation>%1 的作业</translation>
    </message>
    <message>
        <source>the runs of %1</source>
        <translation>%1 的运行</translation>
    </message>
    <message>
        <source>It waits in the queue and has no number yet.</source>
        <translation>它在队列中等待，还没有编号。</translation>
    </message>
    <message>
        <source>Starting runs takes the right Job/Build, which we do not have.</source>
        <translation>启动运行需要 Job/Build 权限，我们没有。</translation>
    </message>
    <message>
        <source>It has ended: there is nothing to cancel.</source>
        <translation>它已结束：没有可取消的。</translation>
    </message>
    <message>
        <source>Cancelling takes the right Job/Cancel, which we do not have.</source>
        <translation>取消需要 Job/Cancel 权限，我们没有。</translation>
    </message>
    <message>
        <source>This Jenkins has neither Blue Ocean nor Pipeline: REST API, so it does not tell the stages of a pipeline; what it tells is the run as a whole.</source>
        <translation>此 Jenkins 既没有 Blue Ocean 也没有 Pipeline: REST API，因此不说明流水线的阶段；它只说明整个运行。</translation>
    </message>
    <message>
        <source>In the order in which the stages began: which of them run side by side only Blue Ocean tells, and this Jenkins does not.</source>
        <translation>按阶段开始的顺序：哪些阶段并行运行只有 Blue Ocean 会说明，而此 Jenkins 没有。</translation>
    </message>
    <message>
        <source>The run has not begun: it has no tests yet.</source>
        <translation>该运行尚未开始：还没有测试。</translation>
    </message>
    <message>
        <source>the tests of run %1 of %2</source>
        <translation>%2 的运行 %1 的测试</translation>
    </message>
    <message>
        <source>Run %1 reports no tests.</source>
        <translation>运行 %1 没有报告测试。</translation>
    </message>
    <message>
        <source>The run has not begun: it has no log yet.</source>
        <translation>该运行尚未开始：还没有日志。</translation>
    </message>
    <message>
        <source>the log of run %1 of %2</source>
        <translation>%2 的运行 %1 的日志</translation>
    </message>
    <message>
        <source>Jenkins cannot run only what failed: rerun all of it.</source>
        <translation>Jenkins 不能只重新运行失败的部分：请全部重新运行。</translation>
    </message>
    <message>
        <source>There is no run to rerun: it has not begun.</source>
        <translation>没有可重新运行的运行：它尚未开始。</translation>
    </message>
    <message>
        <source>There is no run to cancel.</source>
        <translation>没有可取消的运行。</translation>
    </message>
    <message>
        <source>Jenkins has no dry run.</source>
        <translation>Jenkins 没有试运行。</translation>
    </message>
    <message>
        <source>The gate of run %1 waits no more; Jenkins does not say who decided.</source>
        <translation>运行 %1 的门禁不再等待；Jenkins 不说明是谁决定的。</translation>
    </message>
    <message>
        <source>Somebody was faster: the gate of run %1 was %2.</source>
        <translation>有人更快：运行 %1 的门禁%2。</translation>
    </message>
    <message>
        <source>what waits in the queue</source>
        <translation>队列中等待的内容</translation>
    </message>
    <message>
        <source>There is a new run of %1; whether we started it Jenkins does not say.</source>
        <translation>%1 有新的运行；Jenkins 不说明是否由我们启动。</translation>
    </message>
    <message>
        <source>Run %1 goes on; whether it was told to stop Jenkins does not say.</source>
        <translation>运行 %1 仍在进行；Jenkins 不说明是否已要求它停止。</translation>
    </message>
    <message>
        <source>It is in the queue no more; whether it was taken out or began Jenkins has forgotten.</source>
        <translation>它已不在队列中；Jenkins 已不记得它是被移除还是已开始。</translation>
    </message>
    <message>
        <source>What a run of Jenkins did cannot be taken back by it.</source>
        <translation>Jenkins 的运行所做的事无法由它撤回。</translation>
    </message>
    <message>
        <source>The stage has no step %1, or it did not run.</source>
        <translation>该阶段没有步骤 %1，或者该步骤没有运行。</translation>
    </message>
    <message>
        <source>It checked out several commits, and Jenkins does not tell which of them is its own: no commit is shown.</source>
        <translation>它检出了多个提交，而 Jenkins 没有说明哪个是它自己的：因此不显示提交。</translation>
    </message>
    <message>
        <source>It checked out several repositories (%1), and Jenkins does not tell which of them is its own: no commit is shown.</source>
        <translation>它检出了多个仓库（%1），而 Jenkins 没有说明哪个是它自己的：因此不显示提交。</translation>
    </message>
    <message>
        <source>It checked out other repositories than the job&apos;s own: no commit is shown.</source>
        <translation>它检出的不是该作业自己的仓库：因此不显示提交。</translation>
    </message>
    <message>
        <source>Jenkins runs neither only what failed nor one stage alone.</source>
        <translation>Jenkins 既不能只运行失败的部分，也不能单独运行一个阶段。</translation>
    </message>
    <message>
        <source>Jenkins tells the log of a step by its stage: name it too.</source>
        <translation>Jenkins 按阶段给出步骤的日志：请同时指明阶段。</translation>
    </message>
    <message>
        <source>Jenkins cannot run one stage alone: rerun all of it, or restart from a stage in Jenkins, which runs all stages behind it too.</source>
        <translation>Jenkins 不能单独运行一个阶段：请重新运行全部，或在 Jenkins 中从某个阶段重新开始，这也会运行其后的所有阶段。</translation>
    </message>
    <message>
        <source>the configuration of %1</source>
        <translation>%1 的配置</translation>
    </message>
    <message>
        <source>When it begins by itself is not known: %1</source>
        <translation>不知道它何时自行开始：%1</translation>
    </message>
    <message>
        <source>The report counts no lines.</source>
        <translation>该报告没有统计代码行。</translation>
    </message>
    <message>
        <source>Jenkins answered with something that is no configuration of a job.</source>
        <translation>Jenkins 返回的内容不是作业的配置。</translation>
    </message>
    <message>
        <source>the coverage of run %1 of %2</source>
        <translation>%2 的运行 %1 的覆盖率</translation>
    </message>
    <message>
        <source>the page of run %1 of %2</source>
        <translation>%2 的运行 %1 的页面</translation>
    </message>
    <message>
        <source>The coverage could not be read: %1</source>
        <translation>无法读取覆盖率：%1</translation>
    </message>
    <message>
        <source>Only %1 of the pipelines that are under way at %2 are looked at: others may wait, too. Name the projects that matter in the connection.</source>
        <translation>%2 上正在进行的流水线只查看了 %1 条：其他的也可能在等待。请在连接中写明重要的项目。</translation>
    </message>
    <message>
        <source>The gates of %1 cannot be seen here: it has neither Pipeline: REST API nor Blue Ocean, and its Pipeline: Input Step is older than 460. Install or update one of them there, or look at the runs in Jenkins.</source>
        <translation>在这里看不到 %1 的门禁：它既没有 Pipeline: REST API 也没有 Blue Ocean，并且其 Pipeline: Input Step 早于 460。请在那里安装或更新其中之一，或在 Jenkins 中查看运行。</translation>
    </message>
</context>
<context>
    <name>JsonDiff</name>
    <message>
        <source>(hidden)</source>
        <translation>（已隐藏）</translation>
    </message>
    <message>
        <source>value: differs (hidden)</source>
        <translation>值不同（已隐藏）</translation>
    </message>
    <message>
        <source>the order of the elements differs</source>
        <translation>元素顺序不同</translation>
    </message>
</context>
<context>
    <name>KubeConfig</name>
    <message>
        <source>None is known.</source>
        <translation>没有已知的上下文。</translation>
    </message>
    <message>
        <source>Known are %1 and %2 more.</source>
        <translation>已知：%1，另有 %2 个。</translation>
    </message>
    <message>
        <source>Known: %1.</source>
        <translation>已知：%1。</translation>
    </message>
    <message>
        <source>%1: there is no context &quot;%2&quot;%3. %4 Choose one of them.</source>
        <translation>%1：没有上下文“%2”%3。%4请从中选择一个。</translation>
    </message>
    <message>
        <source>, though current-context names it</source>
        <translation>，尽管 current-context 指定了它</translation>
    </message>
    <message>
        <source>%1: expected a readable file, found that %2 is not (%3). Correct the name or its permissions.</source>
        <translation>%1：应为可读文件，实际 %2 不可读（%3）。请更正名称或其权限。</translation>
    </message>
    <message>
        <source>The certificate of %1 is not verified (insecure-skip-tls-verify): whoever is in between can read and change everything.</source>
        <translation>未验证 %1 的证书（insecure-skip-tls-verify）：中间人可以读取并篡改一切。</translation>
    </message>
    <message>
        <source>%1 is spoken to without encryption, so no credential is sent to it.</source>
        <translation>与 %1 的通信未加密，因此不会向其发送凭据。</translation>
    </message>
    <message>
        <source>%1: the context names the cluster &quot;%2&quot;, which is not there. %3</source>
        <translation>%1：该上下文引用的集群“%2”不存在。%3</translation>
    </message>
    <message>
        <source>%1: the context names the user &quot;%2&quot;, who is not there. %3</source>
        <translation>%1：该上下文引用的用户“%2”不存在。%3</translation>
    </message>
    <message>
        <source>The token of the user &quot;%1&quot; holds blanks or other signs that no token has. Make a new one.</source>
        <translation>用户“%1”的令牌含有空格或其他非法字符。请重新生成一个。</translation>
    </message>
    <message>
        <source>The token file %1 of the user &quot;%2&quot; cannot be read: %3. Correct its name or its permissions.</source>
        <translation>用户“%2”的令牌文件 %1 无法读取：%3。请更正名称或其权限。</translation>
    </message>
    <message>
        <source>The token file %1 of the user &quot;%2&quot; is empty. Put a token into it.</source>
        <translation>用户“%2”的令牌文件 %1 为空。请写入令牌。</translation>
    </message>
    <message>
        <source>expected a certificate in PEM form, found something else. Give one that begins with -----BEGIN CERTIFICATE-----.</source>
        <translation>应为 PEM 格式的证书，实际为其他内容。请提供以 -----BEGIN CERTIFICATE----- 开头的证书。</translation>
    </message>
    <message>
        <source>the client key is protected by a pass phrase, which is not supported, nor is it by kubectl. Store it without one, or use an exec plugin.</source>
        <translation>客户端私钥受口令保护，不受支持，kubectl 也不支持。请去掉口令保存，或使用 exec 插件。</translation>
    </message>
    <message>
        <source>expected a private key in PEM form beside the client certificate, found something else. Give one that begins with -----BEGIN PRIVATE KEY----- or the like.</source>
        <translation>客户端证书旁应有 PEM 格式的私钥，实际为其他内容。请提供以 -----BEGIN PRIVATE KEY----- 等开头的私钥。</translation>
    </message>
    <message>
        <source>the client key does not belong to the client certificate (of &quot;%1&quot;). Give the two that were made together.</source>
        <translation>客户端私钥与客户端证书（“%1”）不匹配。请提供一同生成的证书和私钥。</translation>
    </message>
    <message>
        <source>the client certificate of &quot;%1&quot; expired on %2. Ask for a new one at whoever runs the cluster.</source>
        <translation>“%1”的客户端证书已于 %2 过期。请向集群管理员申请新的证书。</translation>
    </message>
    <message>
        <source>Name one of the clusters.</source>
        <translation>请指定其中一个集群。</translation>
    </message>
    <message>
        <source>%1 is given as well as %2. Remove one of the two.</source>
        <translation>同时给出了 %1 和 %2。请删除其中之一。</translation>
    </message>
    <message>
        <source>base64</source>
        <translation>base64</translation>
    </message>
    <message>
        <source>other characters</source>
        <translation>其他字符</translation>
    </message>
    <message>
        <source>Copy the value again in one piece, or name a file by %1.</source>
        <translation>请重新完整复制该值，或用 %1 指定文件。</translation>
    </message>
    <message>
        <source>%1 in PEM form, packed in base64</source>
        <translation>以 base64 编码的 PEM 格式 %1</translation>
    </message>
    <message>
        <source>something else in base64</source>
        <translation>base64 编码的其他内容</translation>
    </message>
    <message>
        <source>Pack the whole file, from -----BEGIN to -----END.</source>
        <translation>请编码整个文件，从 -----BEGIN 到 -----END。</translation>
    </message>
    <message>
        <source>Write the API server&apos;s address, as https://HOST:PORT.</source>
        <translation>请填写 API server 的地址，形如 https://HOST:PORT。</translation>
    </message>
    <message>
        <source>a certificate</source>
        <translation>证书</translation>
    </message>
    <message>
        <source>a certificate authority is given and verification is switched off; only one can be meant. Remove this line to verify the server.</source>
        <translation>既指定了证书颁发机构，又关闭了验证，两者只能取其一。要验证服务器，请删除此行。</translation>
    </message>
    <message>
        <source>the API server&apos;s address, as https://HOST:PORT</source>
        <translation>API server 的地址，形如 https://HOST:PORT</translation>
    </message>
    <message>
        <source>something else</source>
        <translation>其他内容</translation>
    </message>
    <message>
        <source>Correct the address.</source>
        <translation>请更正地址。</translation>
    </message>
    <message>
        <source>an address beginning with %1:</source>
        <translation>以 %1 开头的地址：</translation>
    </message>
    <message>
        <source>an address with a user name in it</source>
        <translation>含有用户名的地址</translation>
    </message>
    <message>
        <source>Take it out and give credentials under users.</source>
        <translation>请将其去掉，在 users 下提供凭据。</translation>
    </message>
    <message>
        <source>a proxy&apos;s address, as http://HOST:PORT, https:// or socks5://</source>
        <translation>代理地址，形如 http://HOST:PORT、https:// 或 socks5://</translation>
    </message>
    <message>
        <source>a user name with a password is not supported: Kubernetes removed it in 1.19. Use a token, a client certificate or an exec plugin.</source>
        <translation>不支持用户名加密码：Kubernetes 已在 1.19 中移除。请使用令牌、客户端证书或 exec 插件。</translation>
    </message>
    <message>
        <source>Take it out and use an exec plugin or a token.</source>
        <translation>请将其去掉，改用 exec 插件或令牌。</translation>
    </message>
    <message>
        <source>Use gke-gcloud-auth-plugin as exec plugin.</source>
        <translation>请使用 gke-gcloud-auth-plugin 作为 exec 插件。</translation>
    </message>
    <message>
        <source>Use kubelogin as exec plugin.</source>
        <translation>请使用 kubelogin 作为 exec 插件。</translation>
    </message>
    <message>
        <source>Use kubectl oidc-login as exec plugin.</source>
        <translation>请使用 kubectl oidc-login 作为 exec 插件。</translation>
    </message>
    <message>
        <source>Use an exec plugin or a token.</source>
        <translation>请使用 exec 插件或令牌。</translation>
    </message>
    <message>
        <source>the auth-provider &quot;%1&quot; is not supported: kubectl gave such providers up in favour of exec plugins. %2</source>
        <translation>不支持 auth-provider“%1”：kubectl 已弃用此类提供方，改用 exec 插件。%2</translation>
    </message>
    <message>
        <source>a user name</source>
        <translation>用户名</translation>
    </message>
    <message>
        <source>Groups can only be taken on together with a user: add &quot;as&quot;.</source>
        <translation>模拟组必须与用户一起使用：请添加 &quot;as&quot;。</translation>
    </message>
    <message>
        <source>a private key</source>
        <translation>私钥</translation>
    </message>
    <message>
        <source>a token in one piece</source>
        <translation>完整的令牌</translation>
    </message>
    <message>
        <source>one with blanks or other signs in it</source>
        <translation>含有空格或其他字符的令牌</translation>
    </message>
    <message>
        <source>Copy it again.</source>
        <translation>请重新复制。</translation>
    </message>
    <message>
        <source>Write apiVersion, command and args below it.</source>
        <translation>请在其下填写 apiVersion、command 和 args。</translation>
    </message>
    <message>
        <source>client-key or client-key-data beside the client certificate</source>
        <translation>与客户端证书配套的 client-key 或 client-key-data</translation>
    </message>
    <message>
        <source>neither</source>
        <translation>两者皆无</translation>
    </message>
    <message>
        <source>Add the certificate&apos;s private key.</source>
        <translation>请添加该证书的私钥。</translation>
    </message>
    <message>
        <source>client-certificate or client-certificate-data beside the client key</source>
        <translation>与客户端私钥配套的 client-certificate 或 client-certificate-data</translation>
    </message>
    <message>
        <source>Add the certificate.</source>
        <translation>请添加证书。</translation>
    </message>
    <message>
        <source>Write client.authentication.k8s.io/v1.</source>
        <translation>请填写 client.authentication.k8s.io/v1。</translation>
    </message>
    <message>
        <source>client.authentication.k8s.io/v1 or .../v1beta1</source>
        <translation>client.authentication.k8s.io/v1 或 .../v1beta1</translation>
    </message>
    <message>
        <source>Update the plugin and write the version it speaks.</source>
        <translation>请升级该插件，并填写它支持的版本。</translation>
    </message>
    <message>
        <source>Name the program that hands out credentials.</source>
        <translation>请指定提供凭据的程序。</translation>
    </message>
    <message>
        <source>Write name and value pairs, each after a dash.</source>
        <translation>请逐项填写 name 和 value，每项以短横线开头。</translation>
    </message>
    <message>
        <source>Name the environment variable.</source>
        <translation>请指定环境变量名。</translation>
    </message>
    <message>
        <source>Never, IfAvailable or Always</source>
        <translation>Never、IfAvailable 或 Always</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>空内容</translation>
    </message>
    <message>
        <source>Version v1 of the interface requires one of them.</source>
        <translation>该接口的 v1 版本要求填写其中之一。</translation>
    </message>
    <message>
        <source>Write one of the three.</source>
        <translation>请填写三者之一。</translation>
    </message>
    <message>
        <source>Write one entry each after a dash.</source>
        <translation>请逐项填写，每项以短横线开头。</translation>
    </message>
    <message>
        <source>a map with name and %1</source>
        <translation>包含 name 和 %1 的映射</translation>
    </message>
    <message>
        <source>Indent both below the dash.</source>
        <translation>请将两者缩进到短横线之下。</translation>
    </message>
    <message>
        <source>Give the entry a name.</source>
        <translation>请为该条目命名。</translation>
    </message>
    <message>
        <source>the name &quot;%1&quot; is given twice, first in line %2. Rename one of them.</source>
        <translation>名称“%1”重复，首次出现在第 %2 行。请重命名其中之一。</translation>
    </message>
    <message>
        <source>a map</source>
        <translation>映射</translation>
    </message>
    <message>
        <source>Write its fields below it, indented.</source>
        <translation>请在其下缩进填写字段。</translation>
    </message>
    <message>
        <source>a kubeconfig (a map with clusters, contexts and users)</source>
        <translation>kubeconfig（包含 clusters、contexts 和 users 的映射）</translation>
    </message>
    <message>
        <source>Is this the right file?</source>
        <translation>文件选对了吗？</translation>
    </message>
    <message>
        <source>This is another kind of file: name a kubeconfig.</source>
        <translation>这是另一种文件：请指定一个 kubeconfig。</translation>
    </message>
    <message>
        <source>There is only that version of kubeconfig files.</source>
        <translation>kubeconfig 文件只有这一个版本。</translation>
    </message>
    <message>
        <source>none (KUBECONFIG names no file)</source>
        <translation>无（KUBECONFIG 没有指定文件）</translation>
    </message>
    <message>
        <source>%1: there is no context in it. Check the file, or name another one.</source>
        <translation>%1：其中没有上下文。请检查该文件，或指定其他文件。</translation>
    </message>
    <message>
        <source>%1: no current-context is set and no context was named. %2</source>
        <translation>%1：没有设置 current-context，也没有指定上下文。%2</translation>
    </message>
    <message>
        <source>There is no kubeconfig: looked for %1.</source>
        <translation>没有 kubeconfig：已查找 %1。</translation>
    </message>
    <message>
        <source>%1: a token is given as well as an exec plugin. The token is used, as by kubectl, and the plugin is not run. Remove one of the two.</source>
        <translation>%1：同时给出了令牌和 exec 插件。与 kubectl 一样使用令牌，不运行该插件。请去掉其中之一。</translation>
    </message>
</context>
<context>
    <name>Kubernetes</name>
    <message>
        <source>The server failed while it was asked to %1; it may have been done or not. Look at the present state before anything else. (%2)</source>
        <translation>服务器在%1时出错；变更可能已执行，也可能没有。请先查看当前状态。（%2）</translation>
    </message>
    <message>
        <source>The server offers no API at all. Check the server address of this cluster in the kubeconfig.</source>
        <translation>该服务器完全没有提供 API。请检查 kubeconfig 中此集群的服务器地址。</translation>
    </message>
    <message>
        <source>The server did not say whether we have a right. Look at the API server.</source>
        <translation>服务器没有说明我们是否有权限。请检查 API server。</translation>
    </message>
    <message>
        <source>The server does not accept our credential to %1%2. It may have expired: log in again, or check the user of this context in the kubeconfig.</source>
        <translation>服务器不接受我们%1所用的凭据%2。凭据可能已过期：请重新登录，或检查 kubeconfig 中此上下文的用户。</translation>
    </message>
    <message>
        <source>You may not %1%2. Ask whoever manages the cluster&apos;s roles for this right.</source>
        <translation>你无权%1%2。请向集群的权限管理员申请。</translation>
    </message>
    <message>
        <source>The server could not %1: there is no such thing%2. Look whether it was deleted or renamed.</source>
        <translation>服务器无法%1：对象不存在%2。请确认它是否已被删除或改名。</translation>
    </message>
    <message>
        <source>The server could not %1: it exists already%2. Choose another name or change the one there is.</source>
        <translation>服务器无法%1：对象已存在%2。请换一个名称，或修改现有对象。</translation>
    </message>
    <message>
        <source>The server did not %1, for the object changed meanwhile%2. Look at the new state and try again.</source>
        <translation>服务器没有%1，因为对象在此期间已被修改%2。请查看新的状态后重试。</translation>
    </message>
    <message>
        <source>The server could not %1: that version is too old%2. It has to be read again from the start.</source>
        <translation>服务器无法%1：该版本太旧%2，必须从头读取。</translation>
    </message>
    <message>
        <source>The server refused to %1, for what it was given is not valid or no longer holds%2.</source>
        <translation>服务器拒绝%1，因为提交的内容无效或已不再成立%2。</translation>
    </message>
    <message>
        <source>The server is too busy to %1%2. Wait a moment and try again.</source>
        <translation>服务器过于繁忙，无法%1%2。请稍候重试。</translation>
    </message>
    <message>
        <source>This server cannot %1%2.</source>
        <translation>该服务器无法%1%2。</translation>
    </message>
    <message>
        <source>The server failed to %1%2. Try again; if it lasts, look at the API server.</source>
        <translation>服务器未能%1%2。请重试；若持续如此，请检查 API server。</translation>
    </message>
    <message>
        <source>The server refused to %1%2.</source>
        <translation>服务器拒绝%1%2。</translation>
    </message>
    <message>
        <source>%1 answered with a web page (HTTP %2) where a Kubernetes API server was expected, so we could not %3. Check the server address of this cluster in the kubeconfig, and the proxy.</source>
        <translation>%1 返回了网页（HTTP %2），而不是 Kubernetes API server 的响应，因此无法%3。请检查 kubeconfig 中此集群的服务器地址以及代理。</translation>
    </message>
    <message>
        <source>The server</source>
        <translation>服务器</translation>
    </message>
    <message>
        <source>read the server&apos;s version</source>
        <translation>读取服务器版本</translation>
    </message>
    <message>
        <source>discover what the server offers</source>
        <translation>发现服务器提供的 API</translation>
    </message>
    <message>
        <source>ask for our rights</source>
        <translation>查询我们的权限</translation>
    </message>
    <message>
        <source>watch %1</source>
        <translation>监视 %1</translation>
    </message>
    <message>
        <source>list %1</source>
        <translation>列出 %1</translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>read %1</source>
        <translation>读取 %1</translation>
    </message>
    <message>
        <source>create %1</source>
        <translation>创建 %1</translation>
    </message>
    <message>
        <source>create %1 in %2</source>
        <translation>在 %2 中创建 %1</translation>
    </message>
    <message>
        <source>delete %1</source>
        <translation>删除 %1</translation>
    </message>
    <message>
        <source>change %1</source>
        <translation>修改 %1</translation>
    </message>
    <message>
        <source>The connection was cut off while asked to %1.</source>
        <translation>连接在%1时中断。</translation>
    </message>
    <message>
        <source>The server sent more than %1 MiB without a line&apos;s end while asked to %2.</source>
        <translation>在请求 %2 时，服务器发送了超过 %1 MiB 而没有换行。</translation>
    </message>
    <message>
        <source>what it offers</source>
        <translation>它提供的 API</translation>
    </message>
    <message>
        <source>its version</source>
        <translation>它的版本</translation>
    </message>
    <message>
        <source>your rights</source>
        <translation>你的权限</translation>
    </message>
    <message>
        <source>list of %1</source>
        <translation>%1 列表</translation>
    </message>
    <message>
        <source>change of %1</source>
        <translation>%1 的变更</translation>
    </message>
    <message>
        <source>what a plan is made from</source>
        <translation>制定计划所依据的内容</translation>
    </message>
    <message>
        <source>The server&apos;s answer (%1) is not in a form that Kubernetes writes. Look whether the address of this cluster leads to its API server, and what a proxy before it changes.</source>
        <translation>服务器的响应（%1）不是 Kubernetes 的格式。请检查该集群的地址是否指向其 API 服务器，以及其前端代理改动了什么。</translation>
    </message>
    <message>
        <source>resource usage</source>
        <translation>资源用量</translation>
    </message>
</context>
<context>
    <name>KubernetesDeployer</name>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>The image is not pinned by digest and you may not list pods.</source>
        <translation>镜像没有按摘要固定，而你无权列出 Pod。</translation>
    </message>
    <message>
        <source>The image is not pinned by digest and you may not list the revisions its pods belong to.</source>
        <translation>镜像未按摘要固定，并且你无权列出其 Pod 所属的修订版。</translation>
    </message>
    <message>
        <source>The image is not pinned by digest and no pod of it is ready.</source>
        <translation>镜像没有按摘要固定，而且没有使用它的 Pod 就绪。</translation>
    </message>
    <message>
        <source>The image is not pinned by digest and its pods do not say which one they pulled.</source>
        <translation>镜像没有按摘要固定，其 Pod 也没有说明拉取的是哪一个。</translation>
    </message>
    <message>
        <source>The tag %1 moved: its pods run %2 different images.</source>
        <translation>标签 %1 已移动：其 Pod 运行着 %2 个不同的镜像。</translation>
    </message>
    <message>
        <source>There is no container &quot;%1&quot;: %2.</source>
        <translation>没有容器“%1”：%2。</translation>
    </message>
    <message>
        <source>Which of the containers %1 is the release cannot be told. Name it in the pod template&apos;s annotation kubectl.kubernetes.io/default-container.</source>
        <translation>无法判断容器 %1 中的哪一个是版本所在。请在 Pod 模板的注解 kubectl.kubernetes.io/default-container 中指定。</translation>
    </message>
    <message>
        <source>Set the image of %1 to %2</source>
        <translation>将 %1 的镜像设为 %2</translation>
    </message>
    <message>
        <source>Put back %1</source>
        <translation>恢复 %1</translation>
    </message>
    <message>
        <source>only if container %1 still has the image %2</source>
        <translation>仅当容器 %1 的镜像仍为 %2</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is no digest; sha256: and 64 hexadecimal digits were expected.</source>
        <translation>“%1”不是摘要；应为 sha256: 加 64 位十六进制数字。</translation>
    </message>
    <message>
        <source>%1 of %2 are replaced one after the other</source>
        <translation>%2 的 %1 逐个替换</translation>
    </message>
    <message>
        <source>%1 is there, its release is container %2</source>
        <translation>%1 存在，其版本为容器 %2</translation>
    </message>
    <message>
        <source>It runs exactly this already</source>
        <translation>它运行的正是此镜像</translation>
    </message>
    <message>
        <source>Nothing needs to be done.</source>
        <translation>无需执行任何操作。</translation>
    </message>
    <message>
        <source>The image differs from the present one</source>
        <translation>该镜像与当前镜像不同</translation>
    </message>
</context>
<context>
    <name>KubernetesLock</name>
    <message>
        <source>Other operators are not kept out: %1</source>
        <translation>未排除其他操作员：%1</translation>
    </message>
    <message>
        <source>%1 holds %2 for an operation of their own%3. Wait until it is over, or go back, which takes precedence.</source>
        <translation>%1 持有 %2，正在进行自己的操作%3。请等待其结束，或执行回退，回退优先。</translation>
    </message>
    <message>
        <source>The lock on %1 is gone.</source>
        <translation>%1 的锁已消失。</translation>
    </message>
    <message>
        <source>%1 took the lock on %2 over.</source>
        <translation>%1 接管了 %2 的锁。</translation>
    </message>
</context>
<context>
    <name>KubernetesPlan</name>
    <message>
        <source>Signalbox does not know how to change objects of kind %1.</source>
        <translation>Signalbox 不知道如何变更 %1 类型的对象。</translation>
    </message>
    <message>
        <source>This server has no kind %1 in a version that Signalbox knows.</source>
        <translation>该服务器没有 Signalbox 所知版本的 %1 类型。</translation>
    </message>
    <message>
        <source>1 pod</source>
        <translation>1 个 Pod</translation>
    </message>
    <message>
        <source>%1 pods</source>
        <translation>%1 个 Pod</translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>%1 could not be listed: %2</source>
        <translation>无法列出 %1：%2</translation>
    </message>
    <message>
        <source>You may not list %1.</source>
        <translation>你无权列出 %1。</translation>
    </message>
    <message>
        <source>Plan again, or look at %1 with other means first.</source>
        <translation>请重新规划，或先用其他方式查看 %1。</translation>
    </message>
    <message>
        <source>Ask an administrator of the cluster for the right to list %1, or use another context.</source>
        <translation>请向集群管理员申请列出 %1 的权限，或使用其他上下文。</translation>
    </message>
</context>
<context>
    <name>KubernetesPreflight</name>
    <message>
        <source>%1 was deleted and made again since it was shown: look at the new one first.</source>
        <translation>%1 在显示之后被删除并重建：请先查看新的对象。</translation>
    </message>
    <message>
        <source>This computer&apos;s clock agrees with the server&apos;s</source>
        <translation>本机时钟与服务器一致</translation>
    </message>
    <message>
        <source>%1 ms apart</source>
        <translation>相差 %1 毫秒</translation>
    </message>
    <message>
        <source>This computer&apos;s clock and the server&apos;s differ by %1 s</source>
        <translation>本机时钟与服务器相差 %1 秒</translation>
    </message>
    <message>
        <source>The server&apos;s times are told by this computer&apos;s clock here. Logs are not.</source>
        <translation>此处服务器的时间按本机时钟显示。日志除外。</translation>
    </message>
    <message>
        <source>Set this computer&apos;s clock by a time server.</source>
        <translation>请用时间服务器校准本机时钟。</translation>
    </message>
    <message>
        <source>HorizontalPodAutoscaler %1, %2 to %3 replicas</source>
        <translation>HorizontalPodAutoscaler %1，%2 到 %3 个副本</translation>
    </message>
    <message>
        <source>An autoscaler owns the replica count and will set it again</source>
        <translation>副本数由自动扩缩器管理，会被重新设置</translation>
    </message>
    <message>
        <source>Change the autoscaler&apos;s limits instead, or remove it first.</source>
        <translation>请改为修改自动扩缩器的上下限，或先将其移除。</translation>
    </message>
    <message>
        <source>The autoscaler keeps the replica count</source>
        <translation>自动扩缩器保持副本数</translation>
    </message>
    <message>
        <source>Whether an autoscaler owns the replica count is not yours to see</source>
        <translation>你无权查看副本数是否由自动扩缩器管理</translation>
    </message>
    <message>
        <source>One that does sets it again. You may not list %1.</source>
        <translation>若有，它会重新设置副本数。你无权列出 %1。</translation>
    </message>
    <message>
        <source>The replica count is left to whoever sets it</source>
        <translation>副本数由其设置者决定</translation>
    </message>
    <message>
        <source>Whether an autoscaler does is not yours to see.</source>
        <translation>你无权查看是否由自动扩缩器设置。</translation>
    </message>
    <message>
        <source>No autoscaler owns the replica count</source>
        <translation>副本数不由自动扩缩器管理</translation>
    </message>
    <message>
        <source>The replica count stays as it is</source>
        <translation>副本数保持不变</translation>
    </message>
    <message>
        <source>No other roll-out is under way</source>
        <translation>没有其他滚动发布在进行</translation>
    </message>
    <message>
        <source>A roll-out is under way</source>
        <translation>有滚动发布正在进行</translation>
    </message>
    <message>
        <source>%1 of %2 pods have the newest template</source>
        <translation>%2 个 Pod 中的 %1 个使用最新模板</translation>
    </message>
    <message>
        <source>the controller has not looked at the last change yet</source>
        <translation>控制器尚未处理最近的变更</translation>
    </message>
    <message>
        <source>It is replaced by this one; nothing needs to be stopped first.</source>
        <translation>它会被本次变更取代；无需先停止任何操作。</translation>
    </message>
    <message>
        <source>%1: container %2 ended with status %3</source>
        <translation>%1：容器 %2 以状态码 %3 结束</translation>
    </message>
    <message>
        <source>%1: container %2 (%3) restarted %4 times, last exit status %5</source>
        <translation>%1：容器 %2（%3）重启 %4 次，上次退出状态码 %5</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>the %1 nodes that were looked at</source>
        <translation>已查看的 %1 个节点</translation>
    </message>
    <message>
        <source>%1 nodes</source>
        <translation>%1 个节点</translation>
    </message>
    <message>
        <source>every node</source>
        <translation>每个节点</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>%1 is on %2</source>
        <translation>%1 在 %2 上</translation>
    </message>
    <message>
        <source>Some nodes hold the image, and on others its pods may not pull it</source>
        <translation>部分节点持有该镜像，但其他节点上的 Pod 可能无法拉取</translation>
    </message>
    <message>
        <source>Nodes hold the image, but each start of a pod asks the registry for it</source>
        <translation>节点持有该镜像，但每次启动 Pod 都会向镜像仓库请求</translation>
    </message>
    <message>
        <source>Every node holds the image</source>
        <translation>每个节点都持有该镜像</translation>
    </message>
    <message>
        <source>%1 hold the image</source>
        <translation>%1持有该镜像</translation>
    </message>
    <message>
        <source>pods run %1</source>
        <translation>有 Pod 运行 %1</translation>
    </message>
    <message>
        <source>Make sure that the registry still has the image and the nodes may pull it.</source>
        <translation>请确认镜像仓库中仍有该镜像，且节点可以拉取。</translation>
    </message>
    <message>
        <source>Pods run this image now</source>
        <translation>现在有 Pod 正在运行此镜像</translation>
    </message>
    <message>
        <source>A pod cannot pull the image now</source>
        <translation>现在有 Pod 无法拉取该镜像</translation>
    </message>
    <message>
        <source>The image could not be pulled lately</source>
        <translation>最近未能拉取该镜像</translation>
    </message>
    <message>
        <source>You may not list pods, so whether one runs the image is not known</source>
        <translation>你无权列出 Pod，因此不知道是否有 Pod 运行该镜像</translation>
    </message>
    <message>
        <source>The cluster cannot tell whether the image can still be pulled</source>
        <translation>集群无法判断该镜像是否仍可拉取</translation>
    </message>
    <message>
        <source>%1: no pod runs it now, no node names it among its images, no event speaks against it</source>
        <translation>%1：现在没有 Pod 运行它，没有节点的镜像列表包含它，也没有事件表明不可用</translation>
    </message>
    <message>
        <source>%1: no pod runs it now, the nodes&apos; images are not yours to see, no event speaks against it</source>
        <translation>%1：现在没有 Pod 运行它，你无权查看节点的镜像，也没有事件表明不可用</translation>
    </message>
    <message>
        <source>%1 %2 in namespace %3</source>
        <translation>在命名空间 %3 中 %1 %2</translation>
    </message>
    <message>
        <source>The server does not say whether you may do this</source>
        <translation>服务器没有说明你是否可以这样做</translation>
    </message>
    <message>
        <source>The call itself will tell; nothing is changed by a refusal.</source>
        <translation>调用本身会给出答案；被拒绝不会造成任何变更。</translation>
    </message>
    <message>
        <source>You may not %1</source>
        <translation>你无权%1</translation>
    </message>
    <message>
        <source>Ask an administrator of the cluster for this right, or use another context.</source>
        <translation>请向集群管理员申请此权限，或使用其他上下文。</translation>
    </message>
    <message>
        <source>You may do every call of this plan</source>
        <translation>你有权执行此计划的每个调用</translation>
    </message>
    <message>
        <source>The server refuses this in a dry run: %1</source>
        <translation>服务器在试运行中拒绝了此操作：%1</translation>
    </message>
    <message>
        <source>Read the server&apos;s reason; nothing was changed.</source>
        <translation>请查看服务器给出的原因；没有变更任何内容。</translation>
    </message>
    <message>
        <source>The dry run was not answered in time</source>
        <translation>试运行没有及时得到响应</translation>
    </message>
    <message>
        <source>The dry run could not be made</source>
        <translation>无法进行试运行</translation>
    </message>
    <message>
        <source>Nothing was changed by it. An admission webhook may hang.</source>
        <translation>没有因此变更任何内容。可能是某个准入 webhook 卡住了。</translation>
    </message>
    <message>
        <source>Try again, or go on: the call has its own preconditions.</source>
        <translation>请重试，或继续：该调用有自己的前提条件。</translation>
    </message>
    <message>
        <source>The server accepted a dry run of every call</source>
        <translation>服务器接受了每个调用的试运行</translation>
    </message>
    <message>
        <source>You may not %1.</source>
        <translation>你无权%1。</translation>
    </message>
    <message>
        <source>Whether an autoscaler owns the replica count could not be looked for</source>
        <translation>未能查明副本数是否由自动扩缩器管理</translation>
    </message>
    <message>
        <source>One that does sets it again. %1</source>
        <translation>若有，它会重新设置副本数。%1</translation>
    </message>
    <message>
        <source>Pods could not be listed, so whether one runs the image is not known</source>
        <translation>未能列出 Pod，因此不知道是否有 Pod 正在运行该镜像</translation>
    </message>
    <message>
        <source>%1: no pod runs it now, and the events of its namespace could not be read</source>
        <translation>%1：现在没有 Pod 运行它，且未能读取其命名空间的事件</translation>
    </message>
    <message>
        <source>Which kinds the server has is known from %1; it is being asked again.</source>
        <translation>服务器有哪些资源类型取自 %1 的查询结果；正在重新查询。</translation>
    </message>
    <message>
        <source>Read from the server</source>
        <translation>从服务器读取</translation>
    </message>
    <message>
        <source>%1 was deleted while this was planned. Nothing was written: look at what is there now and plan again.</source>
        <translation>制定计划期间 %1 被删除。没有写入任何内容：请查看现在的状态，然后重新制定计划。</translation>
    </message>
    <message>
        <source>%1 goes on being changed at %2 while this is planned. Nothing was written: find out who changes it, and plan again.</source>
        <translation>制定计划期间 %1 的 %2 一再被更改。没有写入任何内容：请查明是谁在更改它，然后重新制定计划。</translation>
    </message>
    <message>
        <source>%1 was deleted while this was planned: the step on it is left out</source>
        <translation>%1 在制定计划期间被删除：对它的步骤已略去</translation>
    </message>
    <message>
        <source>Look whether what it deploys is deleted along with it.</source>
        <translation>请查看它所部署的内容是否也随之被删除。</translation>
    </message>
</context>
<context>
    <name>KubernetesRollback</name>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>%1 has no earlier revision to go back to (kept: %2). Deploy the earlier version again instead.</source>
        <translation>%1 没有可回到的较早修订版（保留：%2）。请改为重新部署较早的版本。</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is the beginning of several revisions of %2: %3. Write more of the hash.</source>
        <translation>“%1”是 %2 的多个修订版的开头：%3。请填写更多位哈希。</translation>
    </message>
    <message>
        <source>%1 keeps no revision &quot;%2&quot; (numbers move after each rollback). Kept are: %3; a hash needs 5 characters or more.</source>
        <translation>%1 没有保留修订版“%2”（每次回滚后编号都会变化）。保留的有：%3；哈希至少需要 5 个字符。</translation>
    </message>
    <message>
        <source>The Deployment is paused: nothing rolls out until it is resumed</source>
        <translation>该 Deployment 已暂停：恢复之前不会滚动发布</translation>
    </message>
    <message>
        <source>The server accepts the new template, but starts no pod with it.</source>
        <translation>服务器会接受新模板，但不会用它启动 Pod。</translation>
    </message>
    <message>
        <source>Its update strategy is OnDelete: pods change only when they are deleted</source>
        <translation>其更新策略为 OnDelete：Pod 只有在被删除时才会更换</translation>
    </message>
    <message>
        <source>Delete the pods one by one after the template was replaced.</source>
        <translation>请在替换模板之后逐个删除 Pod。</translation>
    </message>
    <message>
        <source>A partition keeps pods with a number below %1 on their present template</source>
        <translation>分区使编号小于 %1 的 Pod 保持当前模板</translation>
    </message>
    <message>
        <source>Lower spec.updateStrategy.rollingUpdate.partition to reach all pods.</source>
        <translation>请调低 spec.updateStrategy.rollingUpdate.partition 以覆盖所有 Pod。</translation>
    </message>
    <message>
        <source>Roll-outs are not paused</source>
        <translation>滚动发布没有暂停</translation>
    </message>
    <message>
        <source>Pod %1 is stuck, and an ordered StatefulSet waits for it</source>
        <translation>Pod %1 卡住了，有序的 StatefulSet 在等待它</translation>
    </message>
    <message>
        <source>After the rollback delete pod %1; the controller makes it again from the old template.</source>
        <translation>请在回滚之后删除 Pod %1；控制器会用旧模板重新创建它。</translation>
    </message>
    <message>
        <source>Roll back %1 to revision %2</source>
        <translation>将 %1 回滚到修订版 %2</translation>
    </message>
    <message>
        <source>Put back the template %1</source>
        <translation>放回模板 %1</translation>
    </message>
    <message>
        <source>from before</source>
        <translation>（之前的）</translation>
    </message>
    <message>
        <source>only if the template is still the one shown</source>
        <translation>仅当模板仍与所显示的一致时</translation>
    </message>
    <message>
        <source>only if the template is still %1</source>
        <translation>仅当模板仍是 %1 时</translation>
    </message>
    <message>
        <source>Resume the roll-outs of %1</source>
        <translation>恢复 %1 的滚动发布</translation>
    </message>
    <message>
        <source>Pause it again</source>
        <translation>再次暂停</translation>
    </message>
    <message>
        <source>only if it is still paused</source>
        <translation>仅当它仍处于暂停状态时</translation>
    </message>
    <message>
        <source>the template; no pod, since it is scaled to 0</source>
        <translation>仅模板；已缩容到 0，不涉及 Pod</translation>
    </message>
    <message>
        <source>%1, one a node</source>
        <translation>%1，每个节点一个</translation>
    </message>
    <message>
        <source>%1, the number stays</source>
        <translation>%1，数量不变</translation>
    </message>
    <message>
        <source>Revision %1 is kept</source>
        <translation>修订版 %1 已保留</translation>
    </message>
    <message>
        <source>Revision %1 is what runs already</source>
        <translation>修订版 %1 正是当前运行的版本</translation>
    </message>
    <message>
        <source>Choose another revision.</source>
        <translation>请选择其他修订版。</translation>
    </message>
    <message>
        <source>The template differs from the present one</source>
        <translation>模板与当前模板不同</translation>
    </message>
    <message>
        <source>Revision %1 was itself rolled back</source>
        <translation>修订版 %1 自身曾被回滚</translation>
    </message>
    <message>
        <source>%1, which is older, took its place.</source>
        <translation>更早的 %1 取代了它。</translation>
    </message>
    <message>
        <source>Choose another revision, unless you know that this one is good.</source>
        <translation>请选择其他修订版，除非你确知此版本没有问题。</translation>
    </message>
    <message>
        <source>less than 1 h</source>
        <translation>不到 1 小时</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 小时</translation>
    </message>
    <message>
        <source>%1 d</source>
        <translation>%1 天</translation>
    </message>
    <message>
        <source>%1 of live traffic</source>
        <translation>占实时流量 %1</translation>
    </message>
    <message>
        <source>the target is %1 old</source>
        <translation>目标版本已有 %1</translation>
    </message>
    <message>
        <source>Resume it first.</source>
        <translation>请先恢复它。</translation>
    </message>
    <message>
        <source>The step &quot;%1&quot; of this plan does that: leave it chosen, or no pod goes back.</source>
        <translation>此计划的步骤“%1”会恢复它：请保持选中，否则没有 Pod 会回退。</translation>
    </message>
</context>
<context>
    <name>KubernetesStep</name>
    <message>
        <source>%1 was deleted and made again since it was shown. Nothing was written: look at the new one and plan again.</source>
        <translation>%1 在显示之后被删除并重建。未写入任何内容：请查看新的对象并重新计划。</translation>
    </message>
    <message>
        <source>%1 was changed at %2 since it was shown. Nothing was written: look at the new state and plan again.</source>
        <translation>%1 在显示之后于 %2 处被修改。未写入任何内容：请查看新的状态并重新计划。</translation>
    </message>
    <message>
        <source>%1 is already as this step would make it: someone else was faster. Nothing was written.</source>
        <translation>%1 已经是此步骤要达到的状态：有人先完成了。未写入任何内容。</translation>
    </message>
    <message>
        <source>%1 was deleted</source>
        <translation>%1 已被删除</translation>
    </message>
    <message>
        <source>Whether &quot;%1&quot; took place cannot be told: %2 was changed by someone else meanwhile. Compare it with what was intended.</source>
        <translation>无法判断“%1”是否已执行：%2 在此期间被他人修改。请与预期比对。</translation>
    </message>
    <message>
        <source>only if it still is as read just now</source>
        <translation>仅当它仍与刚刚读取的一致时</translation>
    </message>
    <message>
        <source>Nothing that was done can be taken back by a call.</source>
        <translation>已完成的操作无法通过调用撤回。</translation>
    </message>
    <message>
        <source>%1 %2/%3 was deleted and made again: what was there before cannot be restored.</source>
        <translation>%1 %2/%3 被删除并重建：之前的内容无法恢复。</translation>
    </message>
    <message>
        <source>%1 in pod %2 of the earlier template, which an ordered StatefulSet does not replace: delete that pod</source>
        <translation>较早模板的 Pod %2 处于 %1，有序的 StatefulSet 不会替换它：请删除该 Pod</translation>
    </message>
    <message>
        <source>The earlier template was written back</source>
        <translation>较早的模板已被写回</translation>
    </message>
    <message>
        <source>The template was changed again</source>
        <translation>模板又被修改</translation>
    </message>
    <message>
        <source>%1 by someone else</source>
        <translation>%1（他人所为）</translation>
    </message>
    <message>
        <source>The template is written, but no pod has it</source>
        <translation>模板已写入，但没有 Pod 使用它</translation>
    </message>
    <message>
        <source>the Deployment is paused</source>
        <translation>该 Deployment 已暂停</translation>
    </message>
    <message>
        <source>its update strategy is OnDelete: delete the pods</source>
        <translation>其更新策略为 OnDelete：请删除 Pod</translation>
    </message>
    <message>
        <source>The controller has not looked at the change yet</source>
        <translation>控制器尚未处理该变更</translation>
    </message>
    <message>
        <source>%1 of %2 pods ready</source>
        <translation>%1 / %2 个 Pod 就绪</translation>
    </message>
    <message>
        <source>%1 of %2 pods have the template; you may not list %3, so how they fare is not known</source>
        <translation>%1 / %2 个 Pod 采用此模板；你无权列出 %3，因此不知道它们的状况</translation>
    </message>
    <message>
        <source>The template is in force; no pod is wanted</source>
        <translation>模板已生效；不需要 Pod</translation>
    </message>
    <message>
        <source>ProgressDeadlineExceeded: no progress for %1 s</source>
        <translation>ProgressDeadlineExceeded：%1 秒没有进展</translation>
    </message>
    <message>
        <source>pods of the earlier template are still stopping or the new ones are not yet available</source>
        <translation>较早模板的 Pod 仍在停止，或新的 Pod 尚不可用</translation>
    </message>
    <message>
        <source>Someone else set the replica count to %1</source>
        <translation>他人将副本数设为 %1</translation>
    </message>
    <message>
        <source>%1 pods left, %2 wanted</source>
        <translation>还剩 %1 个 Pod，需要 %2 个</translation>
    </message>
    <message>
        <source>Someone else resumed the roll-outs</source>
        <translation>他人恢复了滚动发布</translation>
    </message>
    <message>
        <source>Roll-outs are paused</source>
        <translation>滚动发布已暂停</translation>
    </message>
    <message>
        <source>The template was changed again by someone else</source>
        <translation>模板又被他人修改</translation>
    </message>
    <message>
        <source>The template is written; no pod has it until the Deployment is resumed</source>
        <translation>模板已写入；在 Deployment 恢复之前没有 Pod 使用它</translation>
    </message>
    <message>
        <source>%1 was turned on again by someone else</source>
        <translation>%1 被他人重新开启</translation>
    </message>
    <message>
        <source>%1 was turned on by someone else, with another policy than before</source>
        <translation>%1 被他人开启，且策略与之前不同</translation>
    </message>
    <message>
        <source>%1 no longer writes changes back</source>
        <translation>%1 不再写回变更</translation>
    </message>
    <message>
        <source>%1 does not write changes back, though someone else changed %2 since it was paused</source>
        <translation>%1 不会写回变更，但自暂停以来他人修改了 %2</translation>
    </message>
    <message>
        <source>%1 reconciles again</source>
        <translation>%1 已恢复调谐</translation>
    </message>
    <message>
        <source>%1 was suspended again by someone else</source>
        <translation>%1 又被他人挂起</translation>
    </message>
    <message>
        <source>%1 reconciles again, by a policy that someone else changed since</source>
        <translation>%1 重新开始调谐，但所用策略此后已被他人修改</translation>
    </message>
    <message>
        <source>%1 syncs again, but someone else took the self-healing out of its policy</source>
        <translation>%1 重新开始同步，但他人从其策略中去掉了自愈</translation>
    </message>
    <message>
        <source>%1 was turned off again by someone else</source>
        <translation>%1 又被他人关闭</translation>
    </message>
    <message>
        <source>%1 was deleted and made again by someone else</source>
        <translation>%1 被他人删除并重建</translation>
    </message>
    <message>
        <source>Someone else changed the selector</source>
        <translation>他人修改了选择算符</translation>
    </message>
    <message>
        <source>%1 of %2 ready pods of the target receive traffic</source>
        <translation>目标的 %2 个就绪 Pod 中有 %1 个接收流量</translation>
    </message>
    <message>
        <source>the target has no ready pod</source>
        <translation>目标没有就绪的 Pod</translation>
    </message>
    <message>
        <source>%1 other endpoints are still there</source>
        <translation>仍有 %1 个其他端点</translation>
    </message>
    <message>
        <source>Someone else changed the weights</source>
        <translation>他人修改了权重</translation>
    </message>
    <message>
        <source>Weights in force: %1</source>
        <translation>生效的权重：%1</translation>
    </message>
    <message>
        <source>The weights are written, but the route is refused</source>
        <translation>权重已写入，但路由被拒绝</translation>
    </message>
    <message>
        <source>The weights are written; whether they are in force cannot be told: %1</source>
        <translation>权重已写入；无法判断是否生效：%1</translation>
    </message>
    <message>
        <source>The weights are written</source>
        <translation>权重已写入</translation>
    </message>
    <message>
        <source>The route was deleted and made again</source>
        <translation>该路由被删除并重建</translation>
    </message>
    <message>
        <source>%1 was not found; looking again</source>
        <translation>未找到 %1；正在再次查看</translation>
    </message>
</context>
<context>
    <name>KubernetesSuspend</name>
    <message>
        <source>only if its policy is still the one shown</source>
        <translation>仅当其策略仍与所显示的一致时</translation>
    </message>
    <message>
        <source>This Application is itself managed by another one, which may turn the sync on again.</source>
        <translation>此 Application 本身由另一个 Application 管理，后者可能会重新开启同步。</translation>
    </message>
    <message>
        <source>Pause the automated sync of Argo CD %1</source>
        <translation>暂停 Argo CD %1 的自动同步</translation>
    </message>
    <message>
        <source>Suspend Flux %1</source>
        <translation>挂起 Flux %1</translation>
    </message>
    <message>
        <source>Let Argo CD sync %1 by itself again</source>
        <translation>让 Argo CD 重新自动同步 %1</translation>
    </message>
    <message>
        <source>Let Flux reconcile %1 again</source>
        <translation>让 Flux 重新调谐 %1</translation>
    </message>
    <message>
        <source>reconciliation paused</source>
        <translation>调谐已暂停</translation>
    </message>
    <message>
        <source>reconciled</source>
        <translation>已恢复调谐</translation>
    </message>
    <message>
        <source>what was changed by hand meanwhile may be written back within seconds</source>
        <translation>期间的手工变更可能在几秒内被写回</translation>
    </message>
    <message>
        <source>It is paused</source>
        <translation>已处于暂停状态</translation>
    </message>
    <message>
        <source>The object changes</source>
        <translation>对象会发生变化</translation>
    </message>
    <message>
        <source>No Argo CD Application, Flux Kustomization or HelmRelease of %1 is paused by Signalbox or suspended. Look at what manages it: signalbox status %1 %2</source>
        <translation>%1 没有被 Signalbox 暂停或挂起的 Argo CD Application、Flux Kustomization 或 HelmRelease。请查看其管理者：signalbox status %1 %2</translation>
    </message>
    <message>
        <source>A progressive delivery controller steers this and would overwrite it</source>
        <translation>渐进式交付控制器正在控制它，会覆盖此变更</translation>
    </message>
    <message>
        <source>Promote, abort or pause it through that controller instead.</source>
        <translation>请改为通过该控制器推进、中止或暂停。</translation>
    </message>
    <message>
        <source>Someone else writes this object back within seconds</source>
        <translation>有其他管理者会在几秒内写回此对象</translation>
    </message>
    <message>
        <source>Choose the step that pauses this reconciliation first, or change the version at its source.</source>
        <translation>请先选择暂停此调谐的步骤，或在其源头修改版本。</translation>
    </message>
    <message>
        <source>A progressive delivery controller takes its releases from this object</source>
        <translation>一个渐进式交付控制器从此对象取得其版本</translation>
    </message>
    <message>
        <source>A changed pod template starts its steps, with pods of its own, and it may set the number of pods here again: follow it there, and change what serves traffic through it.</source>
        <translation>更改 Pod 模板会启动它的步骤并使用它自己的 Pod，它也可能重新设置这里的 Pod 数量：请在那里跟进，并通过它更改承接流量的版本。</translation>
    </message>
    <message>
        <source>Whether another controller steers this is not yours to see</source>
        <translation>你无权查看是否有其他控制器管理它</translation>
    </message>
    <message>
        <source>Whether another controller steers this could not be looked for</source>
        <translation>无法查明是否有其他控制器在控制它</translation>
    </message>
    <message>
        <source>%1 One of them that does would overwrite this change.</source>
        <translation>%1 其中若有控制它的，会覆盖此更改。</translation>
    </message>
    <message>
        <source>Known are: %1.</source>
        <translation>已知的有：%1。</translation>
    </message>
    <message>
        <source>Its reconciliation is paused by the first step</source>
        <translation>第一步会暂停其调谐</translation>
    </message>
    <message>
        <source>Also managed by %1, which will not write it back by itself</source>
        <translation>同时由 %1 管理，但它不会自行写回</translation>
    </message>
    <message>
        <source>Take the change over at its source, or the next roll-out from there undoes it.</source>
        <translation>请在源头同步此变更，否则下一次从源头的发布会将其撤销。</translation>
    </message>
    <message>
        <source>No one else manages this object</source>
        <translation>没有其他管理者管理此对象</translation>
    </message>
    <message>
        <source>signalbox resume %1 %2 --reconciliation (or: %3)</source>
        <translation>signalbox resume %1 %2 --reconciliation（或：%3）</translation>
    </message>
</context>
<context>
    <name>KubernetesTraffic</name>
    <message>
        <source>%1 has no rule &quot;%2&quot; that sends traffic anywhere. Its rules: %3.</source>
        <translation>%1 没有转发流量的规则“%2”。其规则有：%3。</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>%1 has several rules that divide traffic: %2. Say which one is meant.</source>
        <translation>%1 有多条分配流量的规则：%2。请说明是哪一条。</translation>
    </message>
    <message>
        <source>%1 has no tracks to switch between: no two workloads of its application differ in one label and share the rest of its selector. Label the pods of each version, for example track=blue and track=green.</source>
        <translation>%1 没有可切换的轨道：其应用中没有两个工作负载只有一个标签不同而共享选择算符的其余部分。请为每个版本的 Pod 打标签，例如 track=blue 和 track=green。</translation>
    </message>
    <message>
        <source>no controller has written a condition on it</source>
        <translation>没有控制器在其上写入状况</translation>
    </message>
    <message>
        <source>its controller has not looked at the last change yet</source>
        <translation>其控制器尚未处理最近的变更</translation>
    </message>
    <message>
        <source>accepted by %1</source>
        <translation>已被 %1 接受</translation>
    </message>
    <message>
        <source>its endpoints follow the selector</source>
        <translation>其端点跟随选择算符</translation>
    </message>
    <message>
        <source>%1 sends traffic to %2 only; there is no track &quot;%3&quot; to send %4 % to. Add it to the route first.</source>
        <translation>%1 只将流量发往 %2；没有轨道“%3”可接收 %4 %。请先将其加入路由。</translation>
    </message>
    <message>
        <source>The shares sum to %1 %, 100 % were expected: %2.</source>
        <translation>占比之和为 %1 %，应为 100 %：%2。</translation>
    </message>
    <message>
        <source>all traffic to %1</source>
        <translation>全部流量切到 %1</translation>
    </message>
    <message>
        <source>%1: %2 % of live traffic instead of %3 %</source>
        <translation>%1：占线上流量 %2 %，原为 %3 %</translation>
    </message>
    <message>
        <source>Back to %1</source>
        <translation>回到 %1</translation>
    </message>
    <message>
        <source>only if the weights are still %1</source>
        <translation>仅当权重仍是 %1 时</translation>
    </message>
    <message>
        <source>A Service selector sends all traffic one way: one step, not several.</source>
        <translation>Service 选择算符一次切换全部流量：只有一步，不能分步。</translation>
    </message>
    <message>
        <source>%1 chooses pods by its selector and can only send all traffic to one track, not %2. Use a route with weights for shares.</source>
        <translation>%1 通过选择算符选取 Pod，只能将全部流量发往一个轨道，而不能是 %2。要按占比分配，请使用带权重的路由。</translation>
    </message>
    <message>
        <source>Back to the selector from before</source>
        <translation>恢复之前的选择算符</translation>
    </message>
    <message>
        <source>only if the selector is still the one shown</source>
        <translation>仅当选择算符仍与所显示的一致时</translation>
    </message>
    <message>
        <source>How many pods are behind each track is not yours to see</source>
        <translation>你无权查看每个轨道后有多少 Pod</translation>
    </message>
    <message>
        <source>How many pods are behind each track cannot be told</source>
        <translation>无法得知每个轨道之后有多少 Pod</translation>
    </message>
    <message>
        <source>Look at the pods of the target track first.</source>
        <translation>请先查看目标轨道的 Pod。</translation>
    </message>
    <message>
        <source>%1 has no ready pod to take %2 %</source>
        <translation>%1 没有就绪的 Pod 承接 %2 %</translation>
    </message>
    <message>
        <source>Scale %1 up and wait until its pods are ready.</source>
        <translation>请将 %1 扩容，并等待其 Pod 就绪。</translation>
    </message>
    <message>
        <source>%1 may be too small for %2 %</source>
        <translation>%1 可能不足以承担 %2 %</translation>
    </message>
    <message>
        <source>Scale %1 up first, or go in smaller steps.</source>
        <translation>请先将 %1 扩容，或以更小的步幅进行。</translation>
    </message>
    <message>
        <source>The pods of each track can carry its share</source>
        <translation>每个轨道的 Pod 都能承担其占比</translation>
    </message>
    <message>
        <source>A roll-out of %1 is under way</source>
        <translation>%1 的滚动发布正在进行</translation>
    </message>
    <message>
        <source>Wait until %1 is rolled out, or send no traffic there yet.</source>
        <translation>请等待 %1 发布完成，或暂时不要将流量发往该处。</translation>
    </message>
    <message>
        <source>Whether a track that gets traffic is being rolled out is not yours to see</source>
        <translation>你无权查看接收流量的轨道是否正在发布</translation>
    </message>
    <message>
        <source>No track that gets traffic is being rolled out</source>
        <translation>接收流量的轨道都没有在滚动发布</translation>
    </message>
    <message>
        <source>The Service itself chooses the pods</source>
        <translation>由 Service 自己选取 Pod</translation>
    </message>
    <message>
        <source>The route is accepted and in force</source>
        <translation>该路由已被接受并生效</translation>
    </message>
    <message>
        <source>The route&apos;s controller does not accept it as it is</source>
        <translation>路由的控制器不接受它目前的样子</translation>
    </message>
    <message>
        <source>Mend the route first: weights written now have no effect.</source>
        <translation>请先修复路由：现在写入权重不会生效。</translation>
    </message>
    <message>
        <source>Nothing reports whether this route is in force</source>
        <translation>没有信息说明此路由是否生效</translation>
    </message>
    <message>
        <source>Watch the traffic&apos;s metrics after the change.</source>
        <translation>变更之后请观察流量指标。</translation>
    </message>
    <message>
        <source>The order names no share for any track.</source>
        <translation>该指令没有为任何轨道指定占比。</translation>
    </message>
    <message>
        <source>shares that are not yours to see</source>
        <translation>你无权查看的占比</translation>
    </message>
    <message>
        <source>%1 % of live traffic goes to %2</source>
        <translation>%1 % 的线上流量进入 %2</translation>
    </message>
    <message>
        <source>%1 % of live traffic moves to %2</source>
        <translation>线上流量的 %1 % 移到 %2</translation>
    </message>
    <message>
        <source>no traffic moves</source>
        <translation>没有流量移动</translation>
    </message>
    <message>
        <source>Every track of the order is in the route</source>
        <translation>指令中的每个轨道都在路由中</translation>
    </message>
    <message>
        <source>Traffic is divided like this already</source>
        <translation>流量已经是这样分配的</translation>
    </message>
    <message>
        <source>Choose another share.</source>
        <translation>请选择其他占比。</translation>
    </message>
    <message>
        <source>The division of traffic changes</source>
        <translation>流量分配会发生变化</translation>
    </message>
    <message>
        <source>%1 accepted it, but does not say up to which change</source>
        <translation>%1 已接受，但没有说明截至哪次更改</translation>
    </message>
    <message>
        <source>Whether a track that gets traffic is being rolled out cannot be told</source>
        <translation>无法得知接收流量的轨道是否正在发布</translation>
    </message>
    <message>
        <source>%1 (%2) carry the traffic now</source>
        <translation>目前由 %1（%2）承担流量</translation>
    </message>
    <message>
        <source>%1 ready</source>
        <translation>%1 就绪</translation>
    </message>
    <message>
        <source>%1: %2 ready; %3 carried all of it before</source>
        <translation>%1：%2 就绪；此前由 %3 承担过全部流量</translation>
    </message>
    <message>
        <source>%1: %2 ready</source>
        <translation>%1：%2 就绪</translation>
    </message>
    <message>
        <source>The route is accepted; whether its last change is in force cannot be told</source>
        <translation>路由已被接受；但无法得知其最近一次更改是否已生效</translation>
    </message>
    <message>
        <source>The route&apos;s last change is not in force yet</source>
        <translation>路由最近一次更改尚未生效</translation>
    </message>
    <message>
        <source>Wait until it is, or go on: this change takes its place.</source>
        <translation>请等它生效，或直接继续：本次更改会取代它。</translation>
    </message>
    <message>
        <source>%1 % now</source>
        <translation>现在 %1 %</translation>
    </message>
    <message>
        <source>%1 % after %2</source>
        <translation>%2后 %1 %</translation>
    </message>
    <message>
        <source>then %1 %</source>
        <translation>然后 %1 %</translation>
    </message>
    <message>
        <source>in %1 steps: %2</source>
        <translation>分 %1 步：%2</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
</context>
<context>
    <name>KubernetesWorkloads</name>
    <message>
        <source>%1 cannot be scaled: it has no scale subresource.</source>
        <translation>%1 无法扩缩：它没有 scale 子资源。</translation>
    </message>
    <message>
        <source>A replica count of 0 or more was expected, not %1.</source>
        <translation>副本数应为 0 或更大，而不是 %1。</translation>
    </message>
    <message>
        <source>Scale %1 from %2 to %3</source>
        <translation>将 %1 从 %2 扩缩到 %3</translation>
    </message>
    <message>
        <source>Scale back to %1</source>
        <translation>扩缩回 %1</translation>
    </message>
    <message>
        <source>only if the replica count is still %1</source>
        <translation>仅当副本数仍是 %1 时</translation>
    </message>
    <message>
        <source>Restart the pods of %1</source>
        <translation>重启 %1 的 Pod</translation>
    </message>
    <message>
        <source>only if it was not restarted by someone else meanwhile</source>
        <translation>仅当期间没有被他人重启时</translation>
    </message>
    <message>
        <source>Only roll-outs of Deployments can be paused and resumed, not those of %1.</source>
        <translation>只有 Deployment 的滚动发布可以暂停和恢复，%1 的不行。</translation>
    </message>
    <message>
        <source>Pause the roll-outs of %1</source>
        <translation>暂停 %1 的滚动发布</translation>
    </message>
    <message>
        <source>Resume the roll-outs of %1</source>
        <translation>恢复 %1 的滚动发布</translation>
    </message>
    <message>
        <source>Resume them again</source>
        <translation>再次恢复</translation>
    </message>
    <message>
        <source>Pause them again</source>
        <translation>再次暂停</translation>
    </message>
    <message>
        <source>only if it is still not paused</source>
        <translation>仅当它仍未暂停时</translation>
    </message>
    <message>
        <source>only if it is still paused</source>
        <translation>仅当它仍处于暂停状态时</translation>
    </message>
    <message>
        <source>%1 is not done to a workload this way.</source>
        <translation>不能以这种方式对工作负载执行 %1。</translation>
    </message>
    <message>
        <source>%1 is there</source>
        <translation>%1 存在</translation>
    </message>
    <message>
        <source>Resume it first, or no pod is restarted.</source>
        <translation>请先恢复它，否则不会重启任何 Pod。</translation>
    </message>
    <message>
        <source>No pod will be left</source>
        <translation>将不再有 Pod</translation>
    </message>
    <message>
        <source>%1 now</source>
        <translation>当前 %1</translation>
    </message>
    <message>
        <source>Send its traffic elsewhere first.</source>
        <translation>请先将其流量发往别处。</translation>
    </message>
    <message>
        <source>%1 will be wanted</source>
        <translation>将需要 %1</translation>
    </message>
    <message>
        <source>It is so already</source>
        <translation>已经如此</translation>
    </message>
    <message>
        <source>Nothing needs to be done.</source>
        <translation>无需执行任何操作。</translation>
    </message>
    <message>
        <source>The object changes</source>
        <translation>对象会发生变化</translation>
    </message>
    <message>
        <source>%1 become %2</source>
        <translation>%1 变为 %2</translation>
    </message>
    <message>
        <source>%1 are replaced one after the other</source>
        <translation>%1 逐个替换</translation>
    </message>
    <message>
        <source>no pod is stopped; new roll-outs %1</source>
        <translation>不停止任何 Pod；新的滚动发布%1</translation>
    </message>
    <message>
        <source>wait until it is resumed</source>
        <translation>等待恢复</translation>
    </message>
    <message>
        <source>go on</source>
        <translation>继续进行</translation>
    </message>
</context>
<context>
    <name>LedgerDetails</name>
    <message>
        <source>Closed at</source>
        <translation>写定时间</translation>
    </message>
    <message>
        <source>Written by</source>
        <translation>记录者</translation>
    </message>
    <message>
        <source>E-mail</source>
        <translation>电子邮件</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>账户</translation>
    </message>
    <message>
        <source>On the machine</source>
        <translation>所在机器</translation>
    </message>
    <message>
        <source>With</source>
        <translation>所用工具</translation>
    </message>
    <message>
        <source>Workspace</source>
        <translation>工作区</translation>
    </message>
    <message>
        <source>Application</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Environment</source>
        <translation>环境</translation>
    </message>
    <message>
        <source>Artifact</source>
        <translation>制品</translation>
    </message>
    <message>
        <source>Built from commit</source>
        <translation>构建所用提交</translation>
    </message>
    <message>
        <source>Promotion</source>
        <translation>晋级</translation>
    </message>
    <message>
        <source>Under the policy of commit</source>
        <translation>所依据策略的提交</translation>
    </message>
    <message>
        <source>Comment</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Effect</source>
        <translation>效果</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>From</source>
        <translation>从</translation>
    </message>
    <message>
        <source>To</source>
        <translation>到</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Model&apos;s version</source>
        <translation>模型版本</translation>
    </message>
    <message>
        <source>Began</source>
        <translation>开始时间</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>结束时间</translation>
    </message>
    <message>
        <source>Effect seen</source>
        <translation>观察到生效</translation>
    </message>
    <message>
        <source>Risk, in thousandths</source>
        <translation>风险（千分之）</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Namespace</source>
        <translation>命名空间</translation>
    </message>
    <message>
        <source>Commits</source>
        <translation>提交数</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件数</translation>
    </message>
    <message>
        <source>Lines added</source>
        <translation>新增行数</translation>
    </message>
    <message>
        <source>Lines removed</source>
        <translation>删除行数</translation>
    </message>
    <message>
        <source>This commit leaves no file to read.</source>
        <translation>此提交没有留下可读取的文件。</translation>
    </message>
    <message>
        <source>It is no JSON object.</source>
        <translation>它不是 JSON 对象。</translation>
    </message>
    <message>
        <source>Claim</source>
        <translation>认领</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Operation</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Of the entry</source>
        <translation>针对条目</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>至</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Commit %1</source>
        <translation>提交 %1</translation>
    </message>
    <message>
        <source>Comes again by the rule</source>
        <translation>按规则重复</translation>
    </message>
    <message>
        <source>By the clocks of</source>
        <translation>时区</translation>
    </message>
    <message>
        <source>Holds each time for, in seconds</source>
        <translation>每次持续（秒）</translation>
    </message>
    <message>
        <source>until it is lifted</source>
        <translation>直到被解除</translation>
    </message>
    <message>
        <source>No other track was there</source>
        <translation>当时没有其他轨道</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Direction</source>
        <translation>方向</translation>
    </message>
    <message>
        <source>From, by its hash</source>
        <translation>原版本（哈希）</translation>
    </message>
    <message>
        <source>To, by its hash</source>
        <translation>目标版本（哈希）</translation>
    </message>
    <message>
        <source>Protected</source>
        <translation>受保护</translation>
    </message>
    <message>
        <source>Closed at a later start</source>
        <translation>在之后启动时结案</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>Restored after</source>
        <translation>恢复用时</translation>
    </message>
    <message>
        <source>Detected after</source>
        <translation>发现用时</translation>
    </message>
    <message>
        <source>Step %1</source>
        <translation>步骤 %1</translation>
    </message>
    <message>
        <source>Step %1, through</source>
        <translation>步骤 %1，途径</translation>
    </message>
    <message>
        <source>Step %1, its ID</source>
        <translation>步骤 %1，ID</translation>
    </message>
    <message>
        <source>Step %1, outcome</source>
        <translation>步骤 %1，结果</translation>
    </message>
    <message>
        <source>Step %1, message</source>
        <translation>步骤 %1，消息</translation>
    </message>
    <message>
        <source>Step %1, sent</source>
        <translation>步骤 %1，已发送</translation>
    </message>
    <message>
        <source>Step %1, accepted</source>
        <translation>步骤 %1，已接受</translation>
    </message>
    <message>
        <source>Step %1, effect seen</source>
        <translation>步骤 %1，已观察到效果</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>是</translation>
    </message>
    <message>
        <source>no</source>
        <translation>否</translation>
    </message>
</context>
<context>
    <name>LedgerExport</name>
    <message>
        <source>%1 could not be written: %2. Choose another place.</source>
        <translation>%1 无法写入：%2。请另选位置。</translation>
    </message>
    <message>
        <source>A PDF is written by the window.</source>
        <translation>PDF 须由窗口程序写出。</translation>
    </message>
</context>
<context>
    <name>LedgerReport</name>
    <message>
        <source>%1 of %2</source>
        <translation>%2 中的 %1 人</translation>
    </message>
    <message>
        <source> or </source>
        <translation> 或 </translation>
    </message>
    <message>
        <source>no approval is needed</source>
        <translation>不需要批准</translation>
    </message>
    <message>
        <source>approved by %1</source>
        <translation>须经批准：%1</translation>
    </message>
    <message>
        <source> and </source>
        <translation> 和 </translation>
    </message>
    <message>
        <source>not by who asked</source>
        <translation>申请者本人除外</translation>
    </message>
    <message>
        <source>not by an author of the commits</source>
        <translation>提交的作者除外</translation>
    </message>
    <message>
        <source>approvals hold for %1</source>
        <translation>批准的有效期为 %1</translation>
    </message>
    <message>
        <source>%1 may veto</source>
        <translation>%1 可以否决</translation>
    </message>
    <message>
        <source>after %1 in the environment before</source>
        <translation>在前一环境中经过 %1 之后</translation>
    </message>
    <message>
        <source>the artifact that was tested before</source>
        <translation>须为之前测试过的制品</translation>
    </message>
    <message>
        <source>in its windows of time</source>
        <translation>须在其时间窗口内</translation>
    </message>
    <message>
        <source>%1 is no commit.</source>
        <translation>%1 不是提交。</translation>
    </message>
    <message>
        <source>policy.yaml of %1</source>
        <translation>%1 的 policy.yaml</translation>
    </message>
    <message>
        <source>Role %1: %2.</source>
        <translation>角色 %1：%2。</translation>
    </message>
    <message>
        <source>Path: %1.</source>
        <translation>路径：%1。</translation>
    </message>
    <message>
        <source>nobody known</source>
        <translation>未知人员</translation>
    </message>
    <message>
        <source>%1, as it says itself</source>
        <translation>%1（自称）</translation>
    </message>
    <message>
        <source>the beginning</source>
        <translation>最初</translation>
    </message>
    <message>
        <source>from %1 to %2</source>
        <translation>从 %1 到 %2</translation>
    </message>
    <message>
        <source>application</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>environment</source>
        <translation>环境</translation>
    </message>
    <message>
        <source>person</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>proof</source>
        <translation>证明</translation>
    </message>
    <message>
        <source>words</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>everything</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Release ledger: report for auditors</source>
        <translation>发布台账：审计报告</translation>
    </message>
    <message>
        <source>Workspace</source>
        <translation>工作区</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Limited to</source>
        <translation>限定范围</translation>
    </message>
    <message>
        <source>Entries in this report</source>
        <translation>本报告中的条目</translation>
    </message>
    <message>
        <source>Entries in the ledger</source>
        <translation>台账中的条目</translation>
    </message>
    <message>
        <source>%1 proven, %2 waiting for a second admin, %3 not signed, %4 not to be trusted</source>
        <translation>%1 个已证明，%2 个等待第二位管理员，%3 个未签名，%4 个不可信</translation>
    </message>
    <message>
        <source>Newest commit</source>
        <translation>最新提交</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Signed since commit</source>
        <translation>签名始于提交</translation>
    </message>
    <message>
        <source>First admin</source>
        <translation>首位管理员</translation>
    </message>
    <message>
        <source>the pinned one</source>
        <translation>已固定的那一位</translation>
    </message>
    <message>
        <source>not pinned: who began the ledger was believed</source>
        <translation>未固定：采信了开始此台账的人</translation>
    </message>
    <message>
        <source>Verified at</source>
        <translation>验证时间</translation>
    </message>
    <message>
        <source>With</source>
        <translation>所用工具</translation>
    </message>
    <message>
        <source>Policy in force</source>
        <translation>生效的策略</translation>
    </message>
    <message>
        <source>There is none: the ledger is not signed.</source>
        <translation>没有：台账没有签名。</translation>
    </message>
    <message>
        <source>Commit</source>
        <translation>提交</translation>
    </message>
    <message>
        <source>Time, UTC</source>
        <translation>时间（UTC）</translation>
    </message>
    <message>
        <source>What</source>
        <translation>事项</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>By</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Words</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>Proof</source>
        <translation>证明</translation>
    </message>
    <message>
        <source>Promotions</source>
        <translation>晋级</translation>
    </message>
    <message>
        <source>None in this time.</source>
        <translation>此时间范围内没有。</translation>
    </message>
    <message>
        <source>%1 %2 to %3</source>
        <translation>%1 %2 晋级到 %3</translation>
    </message>
    <message>
        <source>Who asked is not in this report.</source>
        <translation>申请者不在本报告中。</translation>
    </message>
    <message>
        <source>Asked for by %1.</source>
        <translation>由 %1 申请。</translation>
    </message>
    <message>
        <source>Who asked is not proven.</source>
        <translation>申请者未得到证明。</translation>
    </message>
    <message>
        <source>No proven approval.</source>
        <translation>没有得到证明的批准。</translation>
    </message>
    <message>
        <source>Approved by %1.</source>
        <translation>由 %1 批准。</translation>
    </message>
    <message>
        <source>No proven outcome.</source>
        <translation>没有得到证明的结果。</translation>
    </message>
    <message>
        <source>All other entries</source>
        <translation>所有其他条目</translation>
    </message>
    <message>
        <source>How to verify this without Signalbox</source>
        <translation>如何不用 Signalbox 验证</translation>
    </message>
    <message>
        <source>The ledger is a git repository; each entry is one signed commit that adds one file. With a copy of it and plain git (2.34 or later):</source>
        <translation>台账是一个 git 代码仓库；每个条目是一个带签名的提交，添加一个文件。有了它的副本和普通的 git（2.34 或更高版本）即可：</translation>
    </message>
    <message>
        <source>there is no commit yet</source>
        <translation>尚无提交</translation>
    </message>
    <message>
        <source>The first line of output has to be the commit above: then nothing before it can have been changed, removed or put in another order. Roles, order and quorum, which git does not know, are verified by:</source>
        <translation>输出的第一行必须是上面的提交：这样，在它之前的任何内容都不可能被更改、删除或调换顺序。git 不了解的角色、顺序和法定人数由以下命令验证：</translation>
    </message>
    <message>
        <source>%1 could not be written: %2. Choose another place.</source>
        <translation>%1 无法写入：%2。请另选位置。</translation>
    </message>
    <message>
        <source>Release ledger %1 at commit %2, verified %3</source>
        <translation>发布台账 %1，提交 %2，验证于 %3</translation>
    </message>
    <message>
        <source>page %1</source>
        <translation>第 %1 页</translation>
    </message>
    <message>
        <source>%1 entries were written to %2.
%3
</source>
        <translation>已将 %1 个条目写入 %2。
%3
</translation>
    </message>
</context>
<context>
    <name>LedgerSummary</name>
    <message>
        <source>The ledger is empty.</source>
        <translation>台账为空。</translation>
    </message>
    <message>
        <source>The ledger is not signed: nothing proves who wrote its entries.</source>
        <translation>台账没有签名：无法证明其条目由谁所写。</translation>
    </message>
    <message>
        <source>Do not rely on this ledger: %1 of %2 entries cannot be trusted.</source>
        <translation>不要依赖此台账：%2 个条目中有 %1 个不可信。</translation>
    </message>
    <message>
        <source>Do not rely on this ledger: %1</source>
        <translation>不要依赖此台账：%1</translation>
    </message>
    <message>
        <source>Every entry since it began to be signed is proven.</source>
        <translation>自启用签名以来的每个条目都得到了证明。</translation>
    </message>
    <message>
        <source>Every entry since it began to be signed is proven, if the first admin is.</source>
        <translation>只要首位管理员可信，自启用签名以来的每个条目就都得到了证明。</translation>
    </message>
</context>
<context>
    <name>LedgerTable</name>
    <message>
        <source>done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>not effective</source>
        <translation>没有生效</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>被拒绝</translation>
    </message>
    <message>
        <source>the world had moved</source>
        <translation>状态已变化</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>taken back</source>
        <translation>已撤回</translation>
    </message>
    <message>
        <source>pre-empted</source>
        <translation>被抢占</translation>
    </message>
    <message>
        <source>outcome unknown</source>
        <translation>结果未知</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>dry run</source>
        <translation>试运行</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>with a mistake</source>
        <translation>有失误</translation>
    </message>
    <message>
        <source>Rollback</source>
        <translation>回滚</translation>
    </message>
    <message>
        <source>Traffic shift</source>
        <translation>切流</translation>
    </message>
    <message>
        <source>Traffic switch</source>
        <translation>整体切换</translation>
    </message>
    <message>
        <source>Scale</source>
        <translation>扩缩</translation>
    </message>
    <message>
        <source>Restart</source>
        <translation>重启</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Reconciliation paused</source>
        <translation>挂起调谐</translation>
    </message>
    <message>
        <source>Promotion</source>
        <translation>晋级</translation>
    </message>
    <message>
        <source>Promotion asked for</source>
        <translation>已申请晋级</translation>
    </message>
    <message>
        <source>Approval</source>
        <translation>批准</translation>
    </message>
    <message>
        <source>Approved</source>
        <translation>已批准</translation>
    </message>
    <message>
        <source>Rejection</source>
        <translation>驳回</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>已驳回</translation>
    </message>
    <message>
        <source>Claim</source>
        <translation>认领</translation>
    </message>
    <message>
        <source>Claimed</source>
        <translation>已认领</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Operation</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>冻结</translation>
    </message>
    <message>
        <source>Freeze ordered</source>
        <translation>已下令冻结</translation>
    </message>
    <message>
        <source>Hold</source>
        <translation>搁置</translation>
    </message>
    <message>
        <source>Held</source>
        <translation>已搁置</translation>
    </message>
    <message>
        <source>Lift</source>
        <translation>解除</translation>
    </message>
    <message>
        <source>Lifted</source>
        <translation>已解除</translation>
    </message>
    <message>
        <source>Break glass</source>
        <translation>破窗</translation>
    </message>
    <message>
        <source>Broke the glass</source>
        <translation>已破窗</translation>
    </message>
    <message>
        <source>Countersignature</source>
        <translation>会签</translation>
    </message>
    <message>
        <source>Countersigned</source>
        <translation>已会签</translation>
    </message>
    <message>
        <source>Policy countersignature</source>
        <translation>策略会签</translation>
    </message>
    <message>
        <source>Policy countersigned</source>
        <translation>策略已会签</translation>
    </message>
    <message>
        <source>Policy</source>
        <translation>策略</translation>
    </message>
    <message>
        <source>Policy changed</source>
        <translation>策略已更改</translation>
    </message>
    <message>
        <source>Fire drill</source>
        <translation>故障演练</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>proven</source>
        <translation>已证明</translation>
    </message>
    <message>
        <source>waits for a second admin</source>
        <translation>等待第二位管理员</translation>
    </message>
    <message>
        <source>not signed</source>
        <translation>未签名</translation>
    </message>
    <message>
        <source>not to be trusted</source>
        <translation>不可信</translation>
    </message>
    <message>
        <source>being checked</source>
        <translation>正在验证</translation>
    </message>
    <message>
        <source>No entry</source>
        <translation>无条目</translation>
    </message>
    <message>
        <source>Policy or signers changed</source>
        <translation>策略或签名者已更改</translation>
    </message>
    <message>
        <source>Promotion carried out</source>
        <translation>晋级执行</translation>
    </message>
</context>
<context>
    <name>LedgerVerify</name>
    <message>
        <source>The entry cannot be used: %1.</source>
        <translation>该条目无法使用：%1。</translation>
    </message>
    <message>
        <source>Written before the ledger was signed: nothing proves who wrote it.</source>
        <translation>写于台账启用签名之前：无法证明由谁所写。</translation>
    </message>
    <message>
        <source>The ledger was begun with the key %1, but the pinned first admin&apos;s is %2. Whoever did this made themselves admin.</source>
        <translation>台账由密钥 %1 开始，但已固定的首位管理员密钥是 %2。这样做的人把自己变成了管理员。</translation>
    </message>
    <message>
        <source>The ledger is signed from here on.</source>
        <translation>台账从此处起带有签名。</translation>
    </message>
    <message>
        <source>A signed ledger begins with a commit that adds allowed_signers and policy.yaml, both, and nothing else.</source>
        <translation>带签名的台账以一个提交开始，该提交同时添加 allowed_signers 和 policy.yaml，别无其他。</translation>
    </message>
    <message>
        <source>The first allowed_signers does not let the key %1 sign, which began the ledger.</source>
        <translation>首个 allowed_signers 不允许开始此台账的密钥 %1 签名。</translation>
    </message>
    <message>
        <source>The first policy.yaml does not make %1 an admin, who began the ledger.</source>
        <translation>首个 policy.yaml 没有把开始此台账的 %1 设为管理员。</translation>
    </message>
    <message>
        <source>This is the ledger of the workspace &quot;%1&quot;, not of &quot;%2&quot;.</source>
        <translation>这是工作区“%1”的台账，而不是“%2”的。</translation>
    </message>
    <message>
        <source>%1 changed the policy or allowed_signers but was no admin at that time.</source>
        <translation>%1 更改了策略或 allowed_signers，但当时不是管理员。</translation>
    </message>
    <message>
        <source>In force at once: there was no second admin to countersign it.</source>
        <translation>立即生效：没有第二位管理员可以会签。</translation>
    </message>
    <message>
        <source>Waits for the countersignature of a second admin; until then the policy before it holds.</source>
        <translation>等待第二位管理员会签；在此之前沿用之前的策略。</translation>
    </message>
    <message>
        <source>The commit cannot be read: %1.</source>
        <translation>该提交无法读取：%1。</translation>
    </message>
    <message>
        <source>The commit is not one of a ledger: %1.</source>
        <translation>该提交不属于台账：%1。</translation>
    </message>
    <message>
        <source>It is a merge: it has %1 parents, and what came in through it was signed for another place. A ledger is one line.</source>
        <translation>这是合并提交：它有 %1 个父提交，由此并入的内容是为别处签名的。台账必须是一条线。</translation>
    </message>
    <message>
        <source>It is not signed, though the ledger was by then.</source>
        <translation>它没有签名，而台账当时已启用签名。</translation>
    </message>
    <message>
        <source>The signature was made for &quot;%1&quot;, not for a commit (&quot;git&quot;).</source>
        <translation>该签名是为“%1”所作，而不是为提交（“git”）所作。</translation>
    </message>
    <message>
        <source>The signature is a copy of the one of the commit %1: nobody signed this one.</source>
        <translation>该签名是提交 %1 的签名的副本：没有人为此提交签名。</translation>
    </message>
    <message>
        <source>The signature of the key %1 does not fit: the commit was changed after it was signed, or signed by another key.</source>
        <translation>密钥 %1 的签名不匹配：该提交在签名之后被修改，或由另一把密钥签名。</translation>
    </message>
    <message>
        <source>The key %1 was revoked before.</source>
        <translation>密钥 %1 在此之前已被吊销。</translation>
    </message>
    <message>
        <source>Line %1 of allowed_signers does not let the key %2 sign commits (namespaces).</source>
        <translation>allowed_signers 第 %1 行不允许密钥 %2 为提交签名（namespaces）。</translation>
    </message>
    <message>
        <source>The key %1 was not valid yet on %2: only from %3 on (line %4 of allowed_signers).</source>
        <translation>密钥 %1 在 %2 尚未生效：从 %3 起才有效（allowed_signers 第 %4 行）。</translation>
    </message>
    <message>
        <source>The key %1 was no longer valid on %2: only until %3 (line %4 of allowed_signers).</source>
        <translation>密钥 %1 在 %2 已失效：仅在 %3 之前有效（allowed_signers 第 %4 行）。</translation>
    </message>
    <message>
        <source>The key %1 was not in allowed_signers at that time.</source>
        <translation>密钥 %1 当时不在 allowed_signers 中。</translation>
    </message>
    <message>
        <source>Its date, %1, is yet to come. Is this machine&apos;s clock right?</source>
        <translation>其日期 %1 尚未到来。本机时钟准确吗？</translation>
    </message>
    <message>
        <source>Its date, %1, is before the one of an entry it stands behind, %2.</source>
        <translation>其日期 %1 早于排在它之前的条目的日期 %2。</translation>
    </message>
    <message>
        <source>It adds nothing.</source>
        <translation>它没有添加任何内容。</translation>
    </message>
    <message>
        <source>It moves the entry %1 away.</source>
        <translation>它移走了条目 %1。</translation>
    </message>
    <message>
        <source>It removes the entry %1.</source>
        <translation>它移除了条目 %1。</translation>
    </message>
    <message>
        <source>It changes the entry %1 after it was written.</source>
        <translation>它在条目 %1 写入之后修改了该条目。</translation>
    </message>
    <message>
        <source>It changes the policy or allowed_signers together with something else; those take a commit of their own.</source>
        <translation>它同时更改了策略或 allowed_signers 和其他内容；前者须单独提交。</translation>
    </message>
    <message>
        <source>It touches %1, which is no entry.</source>
        <translation>它改动了 %1，而那不是条目。</translation>
    </message>
    <message>
        <source>It adds several entries; each takes a commit of its own.</source>
        <translation>它添加了多个条目；每个条目须单独提交。</translation>
    </message>
    <message>
        <source>It was written for the workspace &quot;%1&quot;; this is the ledger of &quot;%2&quot;.</source>
        <translation>它是为工作区“%1”所写；这是“%2”的台账。</translation>
    </message>
    <message>
        <source>It says that %1 wrote it, but %2 signed it.</source>
        <translation>它声称由 %1 所写，却由 %2 签名。</translation>
    </message>
    <message>
        <source>Its id says %1, which is later than its commit, %2.</source>
        <translation>其 id 标明 %1，晚于其提交时间 %2。</translation>
    </message>
    <message>
        <source>%1 may sign, but had no role in the policy at that time.</source>
        <translation>%1 可以签名，但当时在策略中没有角色。</translation>
    </message>
    <message>
        <source>The promotion %1 was claimed before, by the commit %2; the first one counts.</source>
        <translation>晋级 %1 之前已被提交 %2 认领；以首次为准。</translation>
    </message>
    <message>
        <source>%1 countersigned a change of the policy but was no admin at that time.</source>
        <translation>%1 会签了策略变更，但当时不是管理员。</translation>
    </message>
    <message>
        <source>It countersigns %1, which is no change of the policy that waits for that.</source>
        <translation>它会签了 %1，而那不是等待会签的策略变更。</translation>
    </message>
    <message>
        <source>%1 countersigned a change of their own; it takes another admin.</source>
        <translation>%1 会签了自己的变更；须由另一位管理员会签。</translation>
    </message>
    <message>
        <source>It removes %1.</source>
        <translation>它移除了 %1。</translation>
    </message>
    <message>
        <source>%1 is no ordinary file.</source>
        <translation>%1 不是普通文件。</translation>
    </message>
    <message>
        <source>It leaves no admin with a key that may sign: nobody could ever change the policy again.</source>
        <translation>它没有留下任何持有可签名密钥的管理员：以后谁也无法再更改策略。</translation>
    </message>
    <message>
        <source>The ledger was never begun by its first admin: no entry is proven. Look at the one who shared it, or fetch it again.</source>
        <translation>该台账从未由其首位管理员开始：没有条目得到证明。请找共享它的人核实，或重新获取。</translation>
    </message>
    <message>
        <source>the commit before it is missing</source>
        <translation>缺少它之前的提交</translation>
    </message>
    <message>
        <source>The first admin is not pinned: the one who began the ledger was believed. Compare the key&apos;s fingerprint with them, and pin it.</source>
        <translation>首位管理员尚未固定：采信了开始此台账的人。请与其核对密钥指纹，并将其固定。</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is no commit: give 7 to 40 hexadecimal digits, as git shows them.</source>
        <translation>“%1”不是提交：请填写 git 所显示的 7 到 40 位十六进制数字。</translation>
    </message>
    <message>
        <source>The commit %1, which was seen before, is not in this ledger: it was rewound, or is another one. Do not trust it before you know why.</source>
        <translation>之前见过的提交 %1 不在此台账中：台账被回退过，或是另一个台账。在弄清原因之前不要信任它。</translation>
    </message>
    <message>
        <source>its values lie one in the other without end</source>
        <translation>其中的值无止境地层层嵌套</translation>
    </message>
    <message>
        <source>it is no JSON object</source>
        <translation>它不是 JSON 对象</translation>
    </message>
    <message>
        <source>it is not written in the one canonical form (RFC 8785), so that the same entry could have two faces</source>
        <translation>它没有按唯一的规范形式（RFC 8785）书写，同一条目因此可能有两种样子</translation>
    </message>
    <message>
        <source>it is of a version that this program does not know; update Signalbox</source>
        <translation>它属于此程序不认识的版本；请更新 Signalbox</translation>
    </message>
    <message>
        <source>it lies at %1, but its id belongs at %2</source>
        <translation>它位于 %1，但按其 id 应位于 %2</translation>
    </message>
    <message>
        <source>it is no commit that git would write</source>
        <translation>它不是 git 会写出的提交</translation>
    </message>
    <message>
        <source>it is no ordinary file but a link, a program or another repository</source>
        <translation>它不是普通文件，而是链接、程序或另一个代码仓库</translation>
    </message>
    <message>
        <source>It claims the promotion %1, which nobody had asked for by then.</source>
        <translation>它认领晋级 %1，但当时没有人申请过。</translation>
    </message>
    <message>
        <source>It claims the promotion %1 as one of %2 to %3, but asked for was %4 to %5.</source>
        <translation>它把晋级 %1 作为 %2 到 %3 来认领，但申请的是 %4 到 %5。</translation>
    </message>
    <message>
        <source>%1 claimed the promotion %2, but had not asked for it, could not approve it and was no executor of %3 at that time.</source>
        <translation>%1 认领了晋级 %2，但当时既不是申请人，也不能批准它，也不是 %3 的执行人。</translation>
    </message>
    <message>
        <source>Part of the change %1, which is in force.</source>
        <translation>属于变更 %1，该变更已生效。</translation>
    </message>
    <message>
        <source>It claims the promotion %1 for %2, which nobody asked for or approved by then: asked for was %3.</source>
        <translation>它为 %2 认领晋级 %1，但当时没有人为其申请或批准：申请的是 %3。</translation>
    </message>
    <message>
        <source>Part of the change %1, which %2 countersigned by the commit %3.</source>
        <translation>属于变更 %1，%2 已用提交 %3 会签。</translation>
    </message>
    <message>
        <source>In force since %1 countersigned it by the commit %2.</source>
        <translation>自 %1 用提交 %2 会签起生效。</translation>
    </message>
    <message>
        <source>%1 approved a promotion without a role that may at that time: %2.</source>
        <translation>%1 批准了一次晋级，但当时没有可以批准的角色：%2。</translation>
    </message>
    <message>
        <source>%1 acted alone without a role that may at that time: %2.</source>
        <translation>%1 单独行动，但当时没有可以这样做的角色：%2。</translation>
    </message>
    <message>
        <source>%1 countersigned a break-glass without a role that may at that time: %2.</source>
        <translation>%1 会签了一次破窗，但当时没有可以会签的角色：%2。</translation>
    </message>
    <message>
        <source>%1 ordered a freeze without a role that may at that time: %2.</source>
        <translation>%1 下令冻结，但当时没有可以这样做的角色：%2。</translation>
    </message>
    <message>
        <source>%1 lifted a freeze without a role that may at that time: %2.</source>
        <translation>%1 解除了冻结，但当时没有可以解除的角色：%2。</translation>
    </message>
    <message>
        <source>%1 lifted a hold without a role that may at that time: %2.</source>
        <translation>%1 解除了搁置，但当时没有可以解除的角色：%2。</translation>
    </message>
    <message>
        <source>the policy let nobody do that</source>
        <translation>策略不允许任何人这样做</translation>
    </message>
    <message>
        <source>%1 told how the promotion %2 ended, but had not claimed it and was no admin at that time.</source>
        <translation>%1 记录了晋级 %2 的结果，但当时既没有认领它，也不是管理员。</translation>
    </message>
</context>
<context>
    <name>LocalLocks</name>
    <message>
        <source>The lock file %1 cannot be used. Make its folder writable for you.</source>
        <translation>锁文件 %1 无法使用。请让其所在文件夹对你可写。</translation>
    </message>
    <message>
        <source>%1: %2 (process %3, since %4 UTC)</source>
        <translation>%1：%2（进程 %3，始于 %4 UTC）</translation>
    </message>
    <message>
        <source>Another operation is under way here: %1. Wait for it or stop it first.</source>
        <translation>此处正有另一项操作进行中：%1。请等待其结束，或先将其停止。</translation>
    </message>
</context>
<context>
    <name>Markers</name>
    <message>
        <source>roll-out</source>
        <translation>滚动发布</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 → %2</translation>
    </message>
</context>
<context>
    <name>MetricFamilies</name>
    <message>
        <source>No label tells applications apart here: this is everything the server has of this metric.</source>
        <translation>这里没有区分应用的标签：显示的是服务器上该指标的全部数据。</translation>
    </message>
    <message>
        <source>%1: at %2 expected %3.</source>
        <translation>%1：%2 处应为 %3。</translation>
    </message>
    <message>
        <source>%1 is not JSON.</source>
        <translation>%1 不是 JSON。</translation>
    </message>
    <message>
        <source>Istio</source>
        <translation>Istio</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>Error rate</source>
        <translation>错误率</translation>
    </message>
    <message>
        <source>p50 latency</source>
        <translation>p50 延迟</translation>
    </message>
    <message>
        <source>p95 latency</source>
        <translation>p95 延迟</translation>
    </message>
    <message>
        <source>Linkerd</source>
        <translation>Linkerd</translation>
    </message>
    <message>
        <source>HTTP requests</source>
        <translation>HTTP 请求</translation>
    </message>
    <message>
        <source>HTTP request duration</source>
        <translation>HTTP 请求时长</translation>
    </message>
    <message>
        <source>Mean latency</source>
        <translation>平均延迟</translation>
    </message>
    <message>
        <source>OpenTelemetry HTTP server</source>
        <translation>OpenTelemetry HTTP 服务器</translation>
    </message>
    <message>
        <source>OpenTelemetry HTTP server (requests)</source>
        <translation>OpenTelemetry HTTP 服务器（请求）</translation>
    </message>
    <message>
        <source>OpenTelemetry HTTP server (before 1.21)</source>
        <translation>OpenTelemetry HTTP 服务器（1.21 之前）</translation>
    </message>
    <message>
        <source>Spring Boot</source>
        <translation>Spring Boot</translation>
    </message>
    <message>
        <source>ingress-nginx</source>
        <translation>ingress-nginx</translation>
    </message>
    <message>
        <source>Triton Inference Server</source>
        <translation>Triton Inference Server</translation>
    </message>
    <message>
        <source>Inference requests</source>
        <translation>推理请求</translation>
    </message>
    <message>
        <source>Inference errors</source>
        <translation>推理错误</translation>
    </message>
    <message>
        <source>Inference latency</source>
        <translation>推理延迟</translation>
    </message>
    <message>
        <source>Queue time</source>
        <translation>排队时间</translation>
    </message>
    <message>
        <source>GPU utilisation</source>
        <translation>GPU 利用率</translation>
    </message>
    <message>
        <source>GPU memory</source>
        <translation>GPU 显存</translation>
    </message>
    <message>
        <source>TensorFlow Serving</source>
        <translation>TensorFlow Serving</translation>
    </message>
    <message>
        <source>p95 inference latency</source>
        <translation>p95 推理延迟</translation>
    </message>
    <message>
        <source>TorchServe</source>
        <translation>TorchServe</translation>
    </message>
    <message>
        <source>vLLM</source>
        <translation>vLLM</translation>
    </message>
    <message>
        <source>Requests running</source>
        <translation>运行中的请求</translation>
    </message>
    <message>
        <source>Requests waiting</source>
        <translation>等待中的请求</translation>
    </message>
    <message>
        <source>p95 time to first token</source>
        <translation>p95 首 token 时间</translation>
    </message>
    <message>
        <source>p95 request latency</source>
        <translation>p95 请求延迟</translation>
    </message>
    <message>
        <source>Generated tokens</source>
        <translation>生成的 token</translation>
    </message>
    <message>
        <source>KV cache in use</source>
        <translation>KV 缓存使用率</translation>
    </message>
    <message>
        <source>KServe model server</source>
        <translation>KServe 模型服务器</translation>
    </message>
    <message>
        <source>p95 preprocessing</source>
        <translation>p95 预处理</translation>
    </message>
    <message>
        <source>KServe and Knative revisions</source>
        <translation>KServe 与 Knative 修订版</translation>
    </message>
    <message>
        <source>NVIDIA DCGM exporter</source>
        <translation>NVIDIA DCGM exporter</translation>
    </message>
    <message>
        <source>GPU temperature</source>
        <translation>GPU 温度</translation>
    </message>
    <message>
        <source>GPU power</source>
        <translation>GPU 功耗</translation>
    </message>
    <message>
        <source>Process</source>
        <translation>进程</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Open files</source>
        <translation>打开的文件</translation>
    </message>
    <message>
        <source>Containers (cAdvisor)</source>
        <translation>容器（cAdvisor）</translation>
    </message>
</context>
<context>
    <name>MetricFeed</name>
    <message>
        <source>Showing %1 of %2 series. Sum them by fewer labels.</source>
        <translation>仅显示 %2 条序列中的 %1 条。请按更少的标签聚合。</translation>
    </message>
    <message>
        <source>No answer for %1.</source>
        <translation>已 %1 没有响应。</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Close this notice</source>
        <translation>关闭此通知</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>提示</translation>
    </message>
</context>
<context>
    <name>OciRegistry</name>
    <message>
        <source>The registry answered with something that is no %1.</source>
        <translation>镜像仓库的应答不是%1。</translation>
    </message>
    <message>
        <source>image index (a manifest without a digest)</source>
        <translation>镜像索引（没有摘要的清单）</translation>
    </message>
    <message>
        <source>image manifest</source>
        <translation>镜像清单</translation>
    </message>
    <message>
        <source>image configuration</source>
        <translation>镜像配置</translation>
    </message>
    <message>
        <source>list of tags</source>
        <translation>标签列表</translation>
    </message>
    <message>
        <source>token</source>
        <translation>令牌</translation>
    </message>
</context>
<context>
    <name>OperationActions</name>
    <message>
        <source>Choose an application or a workload first.</source>
        <translation>请先选择一个应用或工作负载。</translation>
    </message>
    <message>
        <source>Argo Rollouts are shown, not yet operated from here.</source>
        <translation>Argo Rollouts 目前只显示，还不能在此操作。</translation>
    </message>
    <message>
        <source>A %1 cannot do this.</source>
        <translation>%1 不支持此操作。</translation>
    </message>
    <message>
        <source>The cluster does not grant it.</source>
        <translation>集群没有授予该权限。</translation>
    </message>
    <message>
        <source>You may not %1 %2 in %3. %4</source>
        <translation>你无权在 %3 中 %1 %2。%4</translation>
    </message>
    <message>
        <source>This runs already: %1</source>
        <translation>正在执行：%1</translation>
    </message>
</context>
<context>
    <name>PartlyRead</name>
    <message>
        <source>one of %1 pipelines cannot be read</source>
        <translation>%1 条流水线中有 1 条无法读取</translation>
    </message>
    <message>
        <source>%1 of %2 pipelines cannot be read</source>
        <translation>%2 条流水线中有 %1 条无法读取</translation>
    </message>
    <message>
        <source>its gates cannot be read</source>
        <translation>无法读取其门禁</translation>
    </message>
    <message>
        <source>a run that is looked at cannot be read</source>
        <translation>无法读取正在查看的运行</translation>
    </message>
    <message>
        <source>some of its gates cannot be read</source>
        <translation>无法读取其部分门禁</translation>
    </message>
</context>
<context>
    <name>PipelineSource</name>
    <message>
        <source>%1 (%2) does not keep the attempts of a run one by one, as GitHub does: the run %3 can only be read as it is now.</source>
        <translation>%1（%2）不像 GitHub 那样逐次保留运行的各次尝试：运行 %3 只能按现状读取。</translation>
    </message>
</context>
<context>
    <name>Pipelines</name>
    <message>
        <source>It says: %1</source>
        <translation>它说：%1</translation>
    </message>
    <message>
        <source>It was asked for %1.</source>
        <translation>请求的是 %1。</translation>
    </message>
    <message>
        <source>%1 does not know us: the token is missing, wrong or has expired (%2).</source>
        <translation>%1 不认识我们：令牌缺失、错误或已过期（%2）。</translation>
    </message>
    <message>
        <source>%1 does not let us: %2.</source>
        <translation>%1 不允许我们：%2。</translation>
    </message>
    <message>
        <source>%1 has no such thing, or hides it from us: %2.</source>
        <translation>%1 没有此内容，或对我们隐藏：%2。</translation>
    </message>
    <message>
        <source>%1 says that it is otherwise by now: %2.</source>
        <translation>%1 说情况已经变了：%2。</translation>
    </message>
    <message>
        <source>%1 asks us to wait before the next question (%2).</source>
        <translation>%1 要求我们稍候再问（%2）。</translation>
    </message>
    <message>
        <source>%1 cannot do this: %2.</source>
        <translation>%1 做不到：%2。</translation>
    </message>
    <message>
        <source>%1 failed to answer (HTTP %2): %3.</source>
        <translation>%1 未能回答（HTTP %2）：%3。</translation>
    </message>
    <message>
        <source>%1 refuses it (HTTP %2): %3.</source>
        <translation>%1 拒绝了（HTTP %2）：%3。</translation>
    </message>
    <message>
        <source>The connection %1 is no longer there.</source>
        <translation>连接 %1 已不存在。</translation>
    </message>
    <message>
        <source>The server knows no deployment to %1.</source>
        <translation>服务器上没有到 %1 的部署。</translation>
    </message>
    <message>
        <source>No deployment to %1 is &quot;%2&quot;: give its number, 5 digits or more of its commit, or its tag. The newest are: %3.</source>
        <translation>%1 没有部署“%2”：请给出它的编号、提交的 5 位或更多前缀，或它的标签。最新的有：%3。</translation>
    </message>
    <message>
        <source>%1 keeps no environments and deployments. Run an older run again to go back to what it deployed.</source>
        <translation>%1 不保存环境和部署。请重新运行较早的运行，以回到它所部署的版本。</translation>
    </message>
    <message>
        <source>%1 could not be asked again in time: the computer slept, too much is followed there, or its answers are slow.</source>
        <translation>未能按时再次询问 %1：计算机曾休眠、关注的内容过多，或其响应过慢。</translation>
    </message>
    <message>
        <source>%1 wants no questions until %2. What is shown may have changed since it was read.</source>
        <translation>%1 要求在 %2 之前不要再询问。所显示的内容自读取以来可能已有变化。</translation>
    </message>
    <message>
        <source>no successful deployment is known</source>
        <translation>未知有成功的部署</translation>
    </message>
    <message>
        <source>%1: deployment %2 by %3</source>
        <translation>%1：%3 的部署 %2</translation>
    </message>
    <message>
        <source>%1: as deployment %2 by %3</source>
        <translation>%1：同 %3 的部署 %2</translation>
    </message>
    <message>
        <source>%1 has this commit already</source>
        <translation>%1 已经是这个提交</translation>
    </message>
    <message>
        <source>Another commit is live</source>
        <translation>当前上线的是另一个提交</translation>
    </message>
    <message>
        <source>Deployment %1 did not succeed: %2</source>
        <translation>部署 %1 没有成功：%2</translation>
    </message>
    <message>
        <source>Choose one that did.</source>
        <translation>请选择一个成功的部署。</translation>
    </message>
    <message>
        <source>Deployment %1 to %2 goes on: %3</source>
        <translation>部署 %1（到 %2）仍在进行：%3</translation>
    </message>
    <message>
        <source>Cancel its run, or it may come after this one.</source>
        <translation>请取消它的运行，否则它可能在这次之后完成。</translation>
    </message>
    <message>
        <source>Start a new run of %1.</source>
        <translation>请对 %1 启动新的运行。</translation>
    </message>
    <message>
        <source>the run has not ended, and nothing tells when the release came</source>
        <translation>该运行尚未结束，也没有信息说明该版本何时出现</translation>
    </message>
    <message>
        <source>it was there before the run began</source>
        <translation>在该运行开始之前它就已存在</translation>
    </message>
    <message>
        <source>the run ended as %1, and nothing tells when the release came</source>
        <translation>该运行以“%1”结束，也没有信息说明该版本何时出现</translation>
    </message>
    <message>
        <source>it was there before the run began, which ended as %1</source>
        <translation>在该运行开始之前它就已存在，而该运行以“%1”结束</translation>
    </message>
    <message>
        <source>the run had ended as %1 before it was seen</source>
        <translation>在首次看到它之前，该运行已以“%1”结束</translation>
    </message>
    <message>
        <source>Which releases it made could not all be asked: %1</source>
        <translation>它生成了哪些发布版本，未能全部查询：%1</translation>
    </message>
    <message>
        <source>%1 is of its commit, but that this run made it is not known: %2.</source>
        <translation>%1 来自同一提交，但不能确定是由此运行构建的：%2。</translation>
    </message>
    <message>
        <source>What %1 waits for could not be read: %2</source>
        <translation>无法读取 %1 在等待什么：%2</translation>
    </message>
</context>
<context>
    <name>PodGroups</name>
    <message>
        <source>, %1 restarts</source>
        <translation>，重启 %1 次</translation>
    </message>
    <message>
        <source>on no node</source>
        <translation>未调度到节点</translation>
    </message>
</context>
<context>
    <name>PodLog</name>
    <message>
        <source> ... [cut: the line has %1 bytes]</source>
        <translation> …[已截断：该行共 %1 字节]</translation>
    </message>
    <message>
        <source> ... [cut: the line has more than %1 bytes]</source>
        <translation> …[已截断：该行超过 %1 字节]</translation>
    </message>
</context>
<context>
    <name>Policy</name>
    <message>
        <source>The ledger has no promotion %1.</source>
        <translation>台账中没有晋级 %1。</translation>
    </message>
    <message>
        <source>Ask for it anew.</source>
        <translation>请重新申请。</translation>
    </message>
    <message>
        <source>Asked for with the key %1, which the policy gives to nobody.</source>
        <translation>申请时使用的密钥 %1 在策略中不属于任何人。</translation>
    </message>
    <message>
        <source>Name the key in the policy, or ask for it anew.</source>
        <translation>请在策略中写明该密钥，或重新申请。</translation>
    </message>
    <message>
        <source>No promotion path of %1 leads to %2.</source>
        <translation>%1 没有通往 %2 的晋级路径。</translation>
    </message>
    <message>
        <source>Add one to the policy.</source>
        <translation>请在策略中添加一条。</translation>
    </message>
    <message>
        <source>It was carried out already: %1.</source>
        <translation>它已执行过：%1。</translation>
    </message>
    <message>
        <source>Ask for it anew to do it again.</source>
        <translation>要再次执行，请重新申请。</translation>
    </message>
    <message>
        <source>asked for by %1</source>
        <translation>由 %1 申请</translation>
    </message>
    <message>
        <source>asked for by %1, from %2</source>
        <translation>由 %1 申请，来自 %2</translation>
    </message>
    <message>
        <source>It is not known which digest would go out.</source>
        <translation>不知道将发布哪个摘要。</translation>
    </message>
    <message>
        <source>Look whether the registry can be reached.</source>
        <translation>请检查镜像仓库是否可以访问。</translation>
    </message>
    <message>
        <source>It is not known which commit would go out.</source>
        <translation>不知道将发布哪个提交。</translation>
    </message>
    <message>
        <source>Look whether the repository can be reached.</source>
        <translation>请检查代码仓库是否可以访问。</translation>
    </message>
    <message>
        <source>%1 now; it was asked for as %2. What was approved before does not count.</source>
        <translation>现在是 %1；申请时是 %2。之前的批准不算数。</translation>
    </message>
    <message>
        <source>Who rejected it can approve it after all; or ask for another release.</source>
        <translation>驳回者仍可改为批准；或者申请另一个版本。</translation>
    </message>
    <message>
        <source>nobody has rejected it</source>
        <translation>没有人驳回</translation>
    </message>
    <message>
        <source>It is not known whom the commits are by.</source>
        <translation>不知道这些提交出自何人。</translation>
    </message>
    <message>
        <source>The policy does not say who commits as %1.</source>
        <translation>策略没有说明以 %1 提交的是谁。</translation>
    </message>
    <message>
        <source>Add the e-mail to a principal of the policy, or to its outsiders.</source>
        <translation>请将该电子邮件加到策略的某个主体，或加到策略的 outsiders。</translation>
    </message>
    <message>
        <source>by nobody who may approve</source>
        <translation>作者均不是可以批准的人</translation>
    </message>
    <message>
        <source>by %1</source>
        <translation>出自 %1</translation>
    </message>
    <message>
        <source>It is not known what %1 runs.</source>
        <translation>不知道 %1 在运行什么。</translation>
    </message>
    <message>
        <source>%1 runs %2</source>
        <translation>%1 运行 %2</translation>
    </message>
    <message>
        <source>%1 runs %2, this is %3</source>
        <translation>%1 运行 %2，这里是 %3</translation>
    </message>
    <message>
        <source>Bring it to %1 first.</source>
        <translation>请先将它带到 %1。</translation>
    </message>
    <message>
        <source>It is not known since when %1 runs it.</source>
        <translation>不知道 %1 从何时起运行它。</translation>
    </message>
    <message>
        <source>%1 does not run it.</source>
        <translation>%1 没有运行它。</translation>
    </message>
    <message>
        <source>%1 of %2 in %3</source>
        <translation>在 %3 中 %1 / %2</translation>
    </message>
    <message>
        <source>%1 carries out another promotion there, %2, since %3.</source>
        <translation>%1 正在那里执行另一个晋级（%2），始于 %3。</translation>
    </message>
    <message>
        <source>Wait for its outcome; an admin can record one when whoever began is gone.</source>
        <translation>请等待其结果；如果发起者已离开，管理员可以记录一个结果。</translation>
    </message>
    <message>
        <source>nobody carries out another promotion there</source>
        <translation>没有人在那里执行另一个晋级</translation>
    </message>
    <message>
        <source>It is not known whether something is being deployed there.</source>
        <translation>不知道那里是否正在部署。</translation>
    </message>
    <message>
        <source>something is being deployed there</source>
        <translation>那里正在部署</translation>
    </message>
    <message>
        <source>nothing else is under way</source>
        <translation>没有其他操作在进行</translation>
    </message>
    <message>
        <source>%1, until %2</source>
        <translation>%1，至 %2</translation>
    </message>
    <message>
        <source>It cannot be told whether %1 is open.</source>
        <translation>无法判断 %1 是否开放。</translation>
    </message>
    <message>
        <source> or </source>
        <translation> 或 </translation>
    </message>
    <message>
        <source>only within %1; opens %2</source>
        <translation>仅在 %1 之内；将于 %2 开放</translation>
    </message>
    <message>
        <source>only within %1, which does not open again</source>
        <translation>仅在 %1 之内，而它不会再开放</translation>
    </message>
    <message>
        <source>Who may order a freeze can lift it.</source>
        <translation>可以下令冻结的人就可以解除它。</translation>
    </message>
    <message>
        <source>It cannot be told whether %1 holds.</source>
        <translation>无法判断 %1 是否生效。</translation>
    </message>
    <message>
        <source>no freeze</source>
        <translation>没有冻结</translation>
    </message>
    <message>
        <source>not held</source>
        <translation>没有搁置</translation>
    </message>
    <message>
        <source>One of %1 can lift it.</source>
        <translation>可由 %1 解除。</translation>
    </message>
    <message>
        <source>It is not known whether alerts fire.</source>
        <translation>不知道是否有告警触发。</translation>
    </message>
    <message>
        <source>Look whether the source of alerts can be reached.</source>
        <translation>请检查告警来源是否可以访问。</translation>
    </message>
    <message>
        <source>What is known of alerts is %1 old, %2 is allowed.</source>
        <translation>已知的告警是 %1前的数据，允许 %2。</translation>
    </message>
    <message>
        <source>no alert fires</source>
        <translation>没有告警触发</translation>
    </message>
    <message>
        <source>firing: %1</source>
        <translation>正在触发：%1</translation>
    </message>
    <message>
        <source>Asked for</source>
        <translation>申请</translation>
    </message>
    <message>
        <source>What goes out</source>
        <translation>发布内容</translation>
    </message>
    <message>
        <source>Approvals</source>
        <translation>批准</translation>
    </message>
    <message>
        <source>Authors</source>
        <translation>作者</translation>
    </message>
    <message>
        <source>Objections</source>
        <translation>反对意见</translation>
    </message>
    <message>
        <source>Same digest as tested</source>
        <translation>与测试过的摘要相同</translation>
    </message>
    <message>
        <source>Soak time</source>
        <translation>观察期</translation>
    </message>
    <message>
        <source>One at a time</source>
        <translation>一次一个</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>时间窗口</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>冻结</translation>
    </message>
    <message>
        <source>Hold</source>
        <translation>搁置</translation>
    </message>
    <message>
        <source>Firing alerts</source>
        <translation>触发中的告警</translation>
    </message>
    <message>
        <source>an unknown time</source>
        <translation>未知时间</translation>
    </message>
    <message>
        <source>The policy has no rule for %1 in %2, so nothing may go there.</source>
        <translation>策略中没有 %1 在 %2 的规则，因此不得向那里发布。</translation>
    </message>
    <message>
        <source>Add one under &quot;environments&quot; of the policy.</source>
        <translation>请在策略的 &quot;environments&quot; 下添加一条。</translation>
    </message>
    <message>
        <source>The path of %1 begins in %2, it does not come from %3.</source>
        <translation>%1 的路径始于 %2，而不是来自 %3。</translation>
    </message>
    <message>
        <source>%1 goes to %2 from %3, not from %4.</source>
        <translation>%1 应从 %3 到 %2，而不是从 %4。</translation>
    </message>
    <message>
        <source>nowhere</source>
        <translation>无处</translation>
    </message>
    <message>
        <source>commit %1</source>
        <translation>提交 %1</translation>
    </message>
    <message>
        <source>none is needed</source>
        <translation>不需要</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Too few people are left who may approve: give the roles more members, or let somebody else ask.</source>
        <translation>剩下可以批准的人太少：请给这些角色增加成员，或让其他人申请。</translation>
    </message>
    <message>
        <source>%1 rejected it</source>
        <translation>%1 已驳回</translation>
    </message>
    <message>
        <source>%1 ordered a freeze until %2</source>
        <translation>%1 下令冻结至 %2</translation>
    </message>
    <message>
        <source>held since %1 by %2</source>
        <translation>自 %1 起被 %2 搁置</translation>
    </message>
    <message>
        <source>The policy is met.</source>
        <translation>策略已满足。</translation>
    </message>
    <message>
        <source>The policy is met for %1.</source>
        <translation>对于 %1，策略已满足。</translation>
    </message>
    <message>
        <source>Going back needs none of it: %1</source>
        <translation>回退不需要满足这些：%1</translation>
    </message>
    <message>
        <source>%1 acts alone (%2) although the policy is not met: %3</source>
        <translation>策略未满足，%1 仍单独行动（%2）：%3</translation>
    </message>
    <message>
        <source>The policy is not met: %1</source>
        <translation>策略未满足：%1</translation>
    </message>
    <message>
        <source>%1 to %2 %3</source>
        <translation>%1 至 %2 %3</translation>
    </message>
    <message>
        <source>%1 from %2 %3, by %4</source>
        <translation>自 %2 %3 起持续 %1，按 %4</translation>
    </message>
    <message>
        <source>the calendar %1</source>
        <translation>日历 %1</translation>
    </message>
    <message>
        <source>given for %1 in %2</source>
        <translation>是针对 %2 中的 %1 给出的</translation>
    </message>
    <message>
        <source>given for %1; what would go out now is %2</source>
        <translation>是针对 %1 给出的；现在将发布的是 %2</translation>
    </message>
    <message>
        <source>given for commit %1; it is %2 now</source>
        <translation>是针对提交 %1 给出的；现在是 %2</translation>
    </message>
    <message>
        <source>given under the policy of %1, which has changed since (%2)</source>
        <translation>是在策略 %1 下给出的，此后策略已变更（%2）</translation>
    </message>
    <message>
        <source>dated in the future</source>
        <translation>日期在未来</translation>
    </message>
    <message>
        <source>in none of the roles %1</source>
        <translation>不在任何一个角色中：%1</translation>
    </message>
    <message>
        <source>asked for it</source>
        <translation>申请者本人</translation>
    </message>
    <message>
        <source>wrote part of it</source>
        <translation>参与了编写</translation>
    </message>
    <message>
        <source>signed by a key that the policy gives to nobody</source>
        <translation>签名密钥在策略中不属于任何人</translation>
    </message>
    <message>
        <source>in none of the roles that decide</source>
        <translation>不在任何有决定权的角色中</translation>
    </message>
    <message>
        <source>expired</source>
        <translation>已过期</translation>
    </message>
    <message>
        <source>%1 more of %2</source>
        <translation>还需 %1 位 %2</translation>
    </message>
    <message>
        <source>, not </source>
        <translation>，不含 </translation>
    </message>
    <message>
        <source>it was rolled back</source>
        <translation>它已被回滚</translation>
    </message>
    <message>
        <source>%1 acted alone on %2; %3 more had to countersign by %4: %5</source>
        <translation>%1 对 %2 单独行动；本应还有 %3 人在 %4 之前会签：%5</translation>
    </message>
    <message>
        <source>%1 is no admin; the policy of before holds</source>
        <translation>%1 不是管理员；沿用之前的策略</translation>
    </message>
    <message>
        <source>signed by %1, countersigned by %2</source>
        <translation>由 %1 签名，由 %2 会签</translation>
    </message>
    <message>
        <source>signed by %1, the only admin</source>
        <translation>由唯一的管理员 %1 签名</translation>
    </message>
    <message>
        <source>signed by %1; a second admin has to countersign: %2</source>
        <translation>由 %1 签名；须由第二位管理员会签：%2</translation>
    </message>
    <message>
        <source>Nobody has asked that %1 of %2 may go to %3.</source>
        <translation>没有人申请过让 %2 的 %1 进入 %3。</translation>
    </message>
    <message>
        <source>Ask for it with a promotion.</source>
        <translation>请通过晋级申请。</translation>
    </message>
    <message>
        <source>The ledger&apos;s commit %1 has no policy.yaml.</source>
        <translation>台账的提交 %1 中没有 policy.yaml。</translation>
    </message>
    <message>
        <source>policy.yaml of %1</source>
        <translation>%1 的 policy.yaml</translation>
    </message>
    <message>
        <source>%1 is no commit</source>
        <translation>%1 不是提交</translation>
    </message>
    <message>
        <source>The ledger %1 is not signed: nothing in it is proven. An admin begins with a commit of policy.yaml and allowed_signers.</source>
        <translation>台账 %1 没有签名：其中的一切都未得到证明。请由管理员以一个包含 policy.yaml 和 allowed_signers 的提交开始。</translation>
    </message>
    <message>
        <source>The calendar has no event (VEVENT).</source>
        <translation>该日历没有事件（VEVENT）。</translation>
    </message>
    <message>
        <source>The calendar names the time zone %1, which it does not define.</source>
        <translation>该日历引用了时区 %1，却没有定义它。</translation>
    </message>
    <message>
        <source>The calendar has a time that cannot be read: %1.</source>
        <translation>该日历中有无法读取的时间：%1。</translation>
    </message>
    <message>
        <source>The event &quot;%1&quot; of the calendar ends before it begins.</source>
        <translation>日历的事件“%1”在开始之前就已结束。</translation>
    </message>
    <message>
        <source>The event &quot;%1&quot; of the calendar has no beginning (DTSTART).</source>
        <translation>日历的事件“%1”没有开始时间（DTSTART）。</translation>
    </message>
    <message>
        <source>The event &quot;%1&quot; of the calendar adds periods (RDATE;VALUE=PERIOD); add dates.</source>
        <translation>日历的事件“%1”添加了时段（RDATE;VALUE=PERIOD）；请改为添加日期。</translation>
    </message>
    <message>
        <source>It is no iCalendar: it has to begin with BEGIN:VCALENDAR and end with END:VCALENDAR.</source>
        <translation>这不是 iCalendar：它必须以 BEGIN:VCALENDAR 开头，以 END:VCALENDAR 结尾。</translation>
    </message>
    <message>
        <source>The calendar cannot be read: %1</source>
        <translation>该日历无法读取：%1</translation>
    </message>
    <message>
        <source>The time zone %1 is not known here.</source>
        <translation>此处不认识时区 %1。</translation>
    </message>
    <message>
        <source>a map with &quot;version&quot;, &quot;workspace&quot;, &quot;principals&quot; and &quot;roles&quot;</source>
        <translation>包含 &quot;version&quot;、&quot;workspace&quot;、&quot;principals&quot; 和 &quot;roles&quot; 的映射</translation>
    </message>
    <message>
        <source>See resources/policy.schema.json.</source>
        <translation>参见 resources/policy.schema.json。</translation>
    </message>
    <message>
        <source>Name the workspace whose ledger this is; entries repeat it.</source>
        <translation>请指定此台账所属的工作区；各条目会重复它。</translation>
    </message>
    <message>
        <source>This version does not know this key, and does not pass over what may be a rule. Take it out, or update Signalbox.</source>
        <translation>此版本不认识该键，也不会略过可能是规则的内容。请将其去掉，或更新 Signalbox。</translation>
    </message>
    <message>
        <source>Give it a name of its own.</source>
        <translation>请为它起一个自己的名称。</translation>
    </message>
    <message>
        <source>a name of its own</source>
        <translation>与其他不同的名称</translation>
    </message>
    <message>
        <source>It is taken in line %1.</source>
        <translation>第 %1 行已使用该名称。</translation>
    </message>
    <message>
        <source>what belongs to nobody else</source>
        <translation>不属于其他任何人的内容</translation>
    </message>
    <message>
        <source>It belongs to %1 already.</source>
        <translation>它已属于 %1。</translation>
    </message>
    <message>
        <source>e-mail addresses</source>
        <translation>电子邮件地址</translation>
    </message>
    <message>
        <source>&quot;emails&quot; or &quot;keys&quot;</source>
        <translation>&quot;emails&quot; 或 &quot;keys&quot;</translation>
    </message>
    <message>
        <source>neither</source>
        <translation>两者皆无</translation>
    </message>
    <message>
        <source>Nothing that is signed could be told to be theirs.</source>
        <translation>否则无法判断哪些签名内容出自此人。</translation>
    </message>
    <message>
        <source>at least one principal</source>
        <translation>至少一个主体</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>the name of a principal of this file</source>
        <translation>此文件中某个主体的名称</translation>
    </message>
    <message>
        <source>each principal once</source>
        <translation>每个主体只出现一次</translation>
    </message>
    <message>
        <source>one twice</source>
        <translation>有一个重复</translation>
    </message>
    <message>
        <source>a role &quot;admins&quot;</source>
        <translation>角色 &quot;admins&quot;</translation>
    </message>
    <message>
        <source>Its members change this file, two for each change.</source>
        <translation>其成员可更改此文件，每次更改需要两位。</translation>
    </message>
    <message>
        <source>a role of this file</source>
        <translation>此文件中的角色</translation>
    </message>
    <message>
        <source>There are: %1.</source>
        <translation>现有：%1。</translation>
    </message>
    <message>
        <source>at least one pattern</source>
        <translation>至少一个模式</translation>
    </message>
    <message>
        <source>Leave the key out, and it is for all of them.</source>
        <translation>去掉该键，就对全部适用。</translation>
    </message>
    <message>
        <source>a whole number from 1 to %1, without quotes</source>
        <translation>1 到 %1 的整数，不加引号</translation>
    </message>
    <message>
        <source>a length of time in whole seconds, for example 90s, 30m or 24h</source>
        <translation>以整秒计的时长，例如 90s、30m 或 24h</translation>
    </message>
    <message>
        <source>a length of time in whole seconds, for example 24h, or &quot;%1&quot;</source>
        <translation>以整秒计的时长，例如 24h，或 &quot;%1&quot;</translation>
    </message>
    <message>
        <source>at least two environments, in order</source>
        <translation>至少两个环境，按顺序排列</translation>
    </message>
    <message>
        <source>each environment once</source>
        <translation>每个环境只出现一次</translation>
    </message>
    <message>
        <source>an environment with an entry under &quot;environments&quot;</source>
        <translation>在 &quot;environments&quot; 下有条目的环境</translation>
    </message>
    <message>
        <source>Without one nothing may go there.</source>
        <translation>没有条目就不得向那里发布。</translation>
    </message>
    <message>
        <source>Name the environment.</source>
        <translation>请指定环境。</translation>
    </message>
    <message>
        <source>at least one role</source>
        <translation>至少一个角色</translation>
    </message>
    <message>
        <source>Say whose approval counts.</source>
        <translation>请说明谁的批准算数。</translation>
    </message>
    <message>
        <source>at most %1, as many as %2 have members</source>
        <translation>最多 %1，即 %2 的成员数</translation>
    </message>
    <message>
        <source>setImage, vendorGate or gitopsCommit</source>
        <translation>setImage、vendorGate 或 gitopsCommit</translation>
    </message>
    <message>
        <source>Say how a promotion is carried out.</source>
        <translation>请说明晋级如何执行。</translation>
    </message>
    <message>
        <source>Name the connection of the workspace.</source>
        <translation>请指定工作区中的连接。</translation>
    </message>
    <message>
        <source>Name the gate as its system does.</source>
        <translation>请按其系统中的名称指定门禁。</translation>
    </message>
    <message>
        <source>Give its address.</source>
        <translation>请填写其地址。</translation>
    </message>
    <message>
        <source>Name the branch the cluster follows.</source>
        <translation>请指定集群所跟随的分支。</translation>
    </message>
    <message>
        <source>Name the file that has the image.</source>
        <translation>请指定含有该镜像的文件。</translation>
    </message>
    <message>
        <source>one of weekly, span, recurrence and calendar</source>
        <translation>weekly、span、recurrence 和 calendar 之一</translation>
    </message>
    <message>
        <source>Name a time zone, for example Europe/Berlin.</source>
        <translation>请指定时区，例如 Europe/Berlin。</translation>
    </message>
    <message>
        <source>a time zone such as Europe/Berlin or UTC</source>
        <translation>时区，例如 Europe/Berlin 或 UTC</translation>
    </message>
    <message>
        <source>mon, tue, wed, thu, fri, sat or sun</source>
        <translation>mon、tue、wed、thu、fri、sat 或 sun</translation>
    </message>
    <message>
        <source>at least one day</source>
        <translation>至少一天</translation>
    </message>
    <message>
        <source>a time of day from 00:00 to 24:00, for example &quot;09:00&quot;</source>
        <translation>00:00 到 24:00 的时刻，例如 &quot;09:00&quot;</translation>
    </message>
    <message>
        <source>a date or a date and time there, for example 2026-12-20T18:00</source>
        <translation>当地的日期或日期时间，例如 2026-12-20T18:00</translation>
    </message>
    <message>
        <source>a time after &quot;from&quot;</source>
        <translation>晚于 &quot;from&quot; 的时间</translation>
    </message>
    <message>
        <source>It is the first moment that is free again.</source>
        <translation>它是重新放开的第一个时刻。</translation>
    </message>
    <message>
        <source>a length of time, for example 62h</source>
        <translation>时长，例如 62h</translation>
    </message>
    <message>
        <source>Write a recurrence rule, for example FREQ=WEEKLY;BYDAY=FR.</source>
        <translation>请填写重复规则，例如 FREQ=WEEKLY;BYDAY=FR。</translation>
    </message>
    <message>
        <source>the beginning of one that is left out, for example 2026-12-20T18:00</source>
        <translation>被排除的那一次的开始时间，例如 2026-12-20T18:00</translation>
    </message>
    <message>
        <source>roles with at least %1 members, who countersign</source>
        <translation>至少有 %1 位成员的会签角色</translation>
    </message>
    <message>
        <source>a key&apos;s fingerprint (SHA256:...) or its line</source>
        <translation>密钥指纹（SHA256:...）或密钥行</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is no recurrence rule (RFC 5545, for example FREQ=WEEKLY;BYDAY=FR).</source>
        <translation>“%1”不是重复规则（RFC 5545，例如 FREQ=WEEKLY;BYDAY=FR）。</translation>
    </message>
    <message>
        <source>The recurrence rule &quot;%1&quot; counts in another calendar (RSCALE).</source>
        <translation>重复规则“%1”按另一种历法计算（RSCALE）。</translation>
    </message>
    <message>
        <source>The recurrence rule &quot;%1&quot; repeats more often than daily.</source>
        <translation>重复规则“%1”的重复频率高于每天一次。</translation>
    </message>
    <message>
        <source>sets the image by digest</source>
        <translation>按摘要设置镜像</translation>
    </message>
    <message>
        <source>sets the image of the track %1 by digest</source>
        <translation>按摘要设置轨道 %1 的镜像</translation>
    </message>
    <message>
        <source>presses the gate %1 of %2</source>
        <translation>触发 %2 的门禁 %1</translation>
    </message>
    <message>
        <source>commits to %1 on %2 of %3</source>
        <translation>在 %3 的分支 %2 上提交对 %1 的更改</translation>
    </message>
    <message>
        <source>has no veto; it takes back their own approval</source>
        <translation>没有否决权；这会撤回其本人的批准</translation>
    </message>
    <message>
        <source>a later word of the same person stands</source>
        <translation>以同一人后来的表态为准</translation>
    </message>
    <message>
        <source>The policy gives the key %1 to nobody.</source>
        <translation>密钥 %1 在策略中不属于任何人。</translation>
    </message>
    <message>
        <source>The policy has no rules for it.</source>
        <translation>策略中没有针对它的规则。</translation>
    </message>
    <message>
        <source>A later promotion took its place.</source>
        <translation>后来的晋级已取代它。</translation>
    </message>
    <message>
        <source>No approval is asked for.</source>
        <translation>不要求批准。</translation>
    </message>
    <message>
        <source>%1 carries it out already.</source>
        <translation>%1 已在执行它。</translation>
    </message>
    <message>
        <source>Only %1 may approve it.</source>
        <translation>只有 %1 可以批准它。</translation>
    </message>
    <message>
        <source>You asked for it: somebody else has to approve.</source>
        <translation>这是你申请的：须由其他人批准。</translation>
    </message>
    <message>
        <source>You wrote part of it: somebody else has to approve.</source>
        <translation>其中有你编写的部分：须由其他人批准。</translation>
    </message>
    <message>
        <source>You have approved it.</source>
        <translation>你已批准它。</translation>
    </message>
    <message>
        <source>%1 carries it out already: roll it back instead.</source>
        <translation>%1 已在执行它：请改为回滚。</translation>
    </message>
    <message>
        <source>Only %1 may reject it.</source>
        <translation>只有 %1 可以驳回它。</translation>
    </message>
    <message>
        <source>You have rejected it.</source>
        <translation>你已驳回它。</translation>
    </message>
    <message>
        <source>Only who asked for it, may approve it or is named as an executor may start it.</source>
        <translation>只有申请者、可以批准的人或被指定为执行者的人才能开始执行它。</translation>
    </message>
    <message>
        <source>The policy lets nobody act alone.</source>
        <translation>策略不允许任何人单独行动。</translation>
    </message>
    <message>
        <source>Only %1 may act alone.</source>
        <translation>只有 %1 可以单独行动。</translation>
    </message>
    <message>
        <source>%1 did so already.</source>
        <translation>%1 已经单独行动。</translation>
    </message>
    <message>
        <source>There is no need to: the policy is met.</source>
        <translation>没有必要：策略已满足。</translation>
    </message>
    <message>
        <source>Only %1 may.</source>
        <translation>只有 %1 可以这样做。</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>blocked</source>
        <translation>受阻</translation>
    </message>
    <message>
        <source>ready to start</source>
        <translation>可以开始</translation>
    </message>
    <message>
        <source>under way</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>已驳回</translation>
    </message>
    <message>
        <source>ended without effect</source>
        <translation>已结束，没有生效</translation>
    </message>
    <message>
        <source>replaced</source>
        <translation>已被取代</translation>
    </message>
    <message>
        <source>You acted alone: others have to answer for it.</source>
        <translation>你是单独行动的：须由其他人为此会签。</translation>
    </message>
    <message>
        <source>You have countersigned it.</source>
        <translation>你已会签它。</translation>
    </message>
    <message>
        <source>Only %1 may order a freeze.</source>
        <translation>只有 %1 可以下令冻结。</translation>
    </message>
    <message>
        <source>A freeze needs a beginning and an end after it.</source>
        <translation>冻结需要一个开始时间和一个在其之后的结束时间。</translation>
    </message>
    <message>
        <source>A freeze until %1 is over already.</source>
        <translation>截至 %1 的冻结已经结束。</translation>
    </message>
    <message>
        <source>A freeze needs an application and an environment, or all of them.</source>
        <translation>冻结需要指定一个应用和一个环境，或全部。</translation>
    </message>
    <message>
        <source>the policy changed (%1, it was %2)</source>
        <translation>策略已更改（现在是 %1，之前是 %2）</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>it would hold in %1 now, you looked at %2</source>
        <translation>它现在会在 %1 生效，而你看到的是 %2</translation>
    </message>
    <message>
        <source>it would hold for %1 now, you looked at %2</source>
        <translation>它现在会对 %1 生效，而你看到的是 %2</translation>
    </message>
    <message>
        <source>the promotions that it stops are %1 now, you looked at %2</source>
        <translation>它现在会阻止的晋级是 %1，而你看到的是 %2</translation>
    </message>
    <message>
        <source>%1 by %2</source>
        <translation>%1（%2）</translation>
    </message>
    <message numerus="yes">
        <source>The request lists no commits, and this brings %n: %1.</source>
        <translation>
            <numerusform>申请没有列出提交，而此次带来 %n 个：%1。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The request leaves out %n commit(s) of what this brings: %1.</source>
        <translation>
            <numerusform>申请遗漏了此次带来的 %n 个提交：%1。</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask for it anew, from where its repository can be read: who approves has to see every commit, and none of them may be their own.</source>
        <translation>请在能读取其代码仓库的地方重新申请：批准者必须看到每个提交，且其中不能有自己的提交。</translation>
    </message>
    <message>
        <source>The request does not list the commits, so it is not known whom they are by.</source>
        <translation>申请没有列出提交，因此不知道它们出自谁。</translation>
    </message>
    <message>
        <source>Ask for it anew, from where its repository can be read.</source>
        <translation>请在能读取其代码仓库的地方重新申请。</translation>
    </message>
    <message>
        <source>%1 is new (%2).</source>
        <translation>新增 %1（%2）。</translation>
    </message>
    <message>
        <source>%1 is known by other e-mails, keys or another title: %2, before %3.</source>
        <translation>%1 的邮箱、密钥或头衔有变：%2，此前为 %3。</translation>
    </message>
    <message>
        <source>%1 is nobody any more.</source>
        <translation>%1 不再是任何人。</translation>
    </message>
    <message>
        <source>Joins %1: %2.</source>
        <translation>加入 %1：%2。</translation>
    </message>
    <message>
        <source>Leaves %1: %2.</source>
        <translation>离开 %1：%2。</translation>
    </message>
    <message>
        <source>New rules for %1; approvals: %2.</source>
        <translation>%1 有新规则；批准：%2。</translation>
    </message>
    <message>
        <source>Other rules for %1.</source>
        <translation>%1 的规则有变。</translation>
    </message>
    <message>
        <source>Other rules for %1; approvals: %2, before: %3.</source>
        <translation>%1 的规则有变；批准：%2，此前：%3。</translation>
    </message>
    <message>
        <source>No rules any more for %1.</source>
        <translation>%1 不再有规则。</translation>
    </message>
    <message>
        <source>The ledger is that of the workspace &quot;%1&quot;, before of &quot;%2&quot;.</source>
        <translation>台账属于工作区“%1”，此前属于“%2”。</translation>
    </message>
    <message>
        <source>Revoked keys, of which nothing counts from then on: %1.</source>
        <translation>已吊销的密钥，此后其签名一律无效：%1。</translation>
    </message>
    <message>
        <source>Keys that are not revoked any more: %1.</source>
        <translation>不再吊销的密钥：%1。</translation>
    </message>
    <message>
        <source>Authors who are nobody here: %1, before: %2.</source>
        <translation>此处不对应任何人的作者：%1，此前：%2。</translation>
    </message>
    <message>
        <source>Releases take other paths.</source>
        <translation>晋级路径有变。</translation>
    </message>
    <message>
        <source>Other freezes.</source>
        <translation>冻结有变。</translation>
    </message>
    <message>
        <source>Other rules for acting alone (break-glass).</source>
        <translation>单独行动（破窗）的规则有变。</translation>
    </message>
    <message>
        <source>Other rules for holds and freezes.</source>
        <translation>搁置与冻结的规则有变。</translation>
    </message>
    <message>
        <source>The same in another order.</source>
        <translation>内容相同，顺序不同。</translation>
    </message>
    <message numerus="yes">
        <source>%1 or %n other(s)</source>
        <translation>
            <numerusform>%1 或另外 %n 人</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 serves the model %2 now; it was asked for with %3.</source>
        <translation>%1 现在提供的模型是 %2；申请时是 %3。</translation>
    </message>
    <message>
        <source>Ask for it anew: another model answers differently.</source>
        <translation>请重新申请：换了模型，回答就不同。</translation>
    </message>
    <message>
        <source>no commit that does not run there already</source>
        <translation>没有尚未在那里运行的提交</translation>
    </message>
    <message numerus="yes">
        <source>The ledger %1 was rewound, rewritten or replaced: its newest commit was %2, and %n of the proven entries that it had then are gone. Nothing is decided by it. Ask who did that; to go on with what is there now, start this program again.</source>
        <translation>
            <numerusform>台账 %1 被回退、改写或替换：它最新的提交曾是 %2，当时已验证的条目中有 %n 条不见了。不会依据它作任何决定。请查明是谁所为；若要以现在的内容继续，请重新启动本程序。</numerusform>
        </translation>
    </message>
    <message>
        <source>the freeze that %1 ordered (%2)</source>
        <translation>%1 下令的冻结（%2）</translation>
    </message>
    <message>
        <source>it is lifted</source>
        <translation>被解除</translation>
    </message>
    <message>
        <source>%1 ordered a freeze that repeats, this time until %2</source>
        <translation>%1 下令了重复的冻结，本次至 %2</translation>
    </message>
    <message>
        <source>The recurrence rule &quot;%1&quot; never comes from %2 on.</source>
        <translation>重复规则“%1”自 %2 起一次也不会出现。</translation>
    </message>
    <message>
        <source>carried out by %1, seen in force %2</source>
        <translation>由 %1 执行，%2 确认生效</translation>
    </message>
    <message>
        <source>carried out by %1</source>
        <translation>由 %1 执行</translation>
    </message>
    <message>
        <source>No date fits the recurrence rule &quot;%1&quot;.</source>
        <translation>没有日期符合重复规则“%1”。</translation>
    </message>
    <message>
        <source>The recurrence rule &quot;%1&quot; comes more than %2 times in the years that have to be counted: let it begin later, end, or come less often.</source>
        <translation>重复规则“%1”在需要计算的年份内超过 %2 次：请让它晚些开始、设定结束，或降低频率。</translation>
    </message>
    <message>
        <source>given before the same person rejected it</source>
        <translation>在同一人驳回之前给出</translation>
    </message>
    <message>
        <source>Which commit it was built from is not known, so it is not known whom it is by; and no author may approve it.</source>
        <translation>不知道它由哪个提交构建，因此不知道作者是谁；而作者不得批准自己的改动。</translation>
    </message>
    <message>
        <source>Have the image say it (label org.opencontainers.image.revision), or name the commit, and ask for it anew.</source>
        <translation>请让镜像写明提交（标签 org.opencontainers.image.revision），或指明提交，然后重新申请。</translation>
    </message>
    <message>
        <source>%1 runs it without any traffic.</source>
        <translation>%1 正在运行它，但没有任何流量。</translation>
    </message>
    <message>
        <source>Move traffic to it in %1 first.</source>
        <translation>请先在 %1 中把流量切给它。</translation>
    </message>
    <message>
        <source>Soak cannot be told: traffic was moved by another tool at or before %1.</source>
        <translation>无法判断观察期：流量在 %1 或更早由其他工具移动过。</translation>
    </message>
    <message>
        <source>Soak cannot be told: since when it has traffic in %1 is not known; it had some at %2.</source>
        <translation>无法判断观察期：不知道它在 %1 中从何时起有流量；在 %2 时已有流量。</translation>
    </message>
    <message>
        <source>Soak cannot be told: nothing says how much traffic it has in %1.</source>
        <translation>无法判断观察期：没有信息表明它在 %1 中有多少流量。</translation>
    </message>
    <message>
        <source>Leave a console open: it counts from when that first sees the traffic. Traffic that Signalbox moves counts from then on.</source>
        <translation>请让一个控制台保持打开：从它第一次看到流量时开始计时。由 Signalbox 移动的流量从移动时开始计时。</translation>
    </message>
    <message>
        <source>Mend that, then look again. Breaking the glass does not set it aside: two would write at once.</source>
        <translation>请先解决，再重新查看。破窗也不能跳过这一项：否则会有两方同时写入。</translation>
    </message>
    <message>
        <source>%1 acted alone on %2; %3 more must countersign by %4: %5</source>
        <translation>%1 对 %2 单独行动；还需 %3 人在 %4 之前会签：%5</translation>
    </message>
    <message>
        <source>a part of its traffic was taken back</source>
        <translation>部分流量已退回</translation>
    </message>
</context>
<context>
    <name>Prometheus</name>
    <message>
        <source>Prometheus %1</source>
        <translation>Prometheus %1</translation>
    </message>
    <message>
        <source>%1 answered with something that is not Prometheus&apos; API (%2). Check the address: it should be the one under which /api/v1/query is found.</source>
        <translation>%1 返回的不是 Prometheus API 的响应（%2）。请检查地址：应为可访问 /api/v1/query 的地址。</translation>
    </message>
    <message>
        <source>%1 gave up on the query because it took too long: %2. Ask for a shorter range or fewer series.</source>
        <translation>%1 因查询耗时过长而放弃：%2。请缩短时间范围或减少序列。</translation>
    </message>
    <message>
        <source>%1 does not accept the credentials (401). Set them anew under Connections.</source>
        <translation>%1 不接受该凭据（401）。请在“连接”中重新设置。</translation>
    </message>
    <message>
        <source>The answer holds native histograms: wrap the query in histogram_quantile() or histogram_avg() to draw it.</source>
        <translation>结果包含原生直方图：请用 histogram_quantile() 或 histogram_avg() 包裹查询后绘制。</translation>
    </message>
    <message>
        <source>The query answers with a text, which cannot be drawn.</source>
        <translation>查询结果是文本，无法绘制。</translation>
    </message>
    <message>
        <source>%1 has no alerts: nothing evaluates rules there (404).</source>
        <translation>%1 没有告警：那里没有任何组件评估规则 (404)。</translation>
    </message>
    <message>
        <source>The answer of %1 ended before it was whole. Try again; if it lasts, look for a proxy that limits how long or how large an answer may be, or ask for a shorter range.</source>
        <translation>%1 的响应不完整就结束了。请重试；若仍如此，请检查是否有代理限制了响应的时长或大小，或缩短查询范围。</translation>
    </message>
    <message>
        <source>%1 answered as Prometheus does, but its figures are not in a form that Prometheus writes. None of them is shown. Look whether something before it changes its answers.</source>
        <translation>%1 的响应像 Prometheus，但其中的数值不是 Prometheus 的格式，因此一个也不显示。请检查其前端是否有程序改动了响应。</translation>
    </message>
    <message>
        <source>What stands before %1 did not wait for its answer (HTTP 504). Try again; if it lasts, ask for a shorter range, or look whether Prometheus is overloaded.</source>
        <translation>%1 前面的网关没有等到它的响应（HTTP 504）。请重试；若仍如此，请缩短查询范围，或检查 Prometheus 是否过载。</translation>
    </message>
    <message>
        <source>What stands before %1 cannot reach it (HTTP %2). Try again; if it lasts, look whether Prometheus runs.</source>
        <translation>%1 前面的网关无法连接到它（HTTP %2）。请重试；若仍如此，请检查 Prometheus 是否在运行。</translation>
    </message>
    <message>
        <source>%1 failed and did not say why (HTTP %2). Try again; if it lasts, look at its log.</source>
        <translation>%1 出错且未说明原因（HTTP %2）。请重试；若仍如此，请查看其日志。</translation>
    </message>
    <message>
        <source>an empty answer</source>
        <translation>空响应</translation>
    </message>
    <message>
        <source>a web page</source>
        <translation>一个网页</translation>
    </message>
    <message>
        <source>JSON of another form or none</source>
        <translation>其他格式的 JSON，或不是 JSON</translation>
    </message>
    <message>
        <source>it gave no reason</source>
        <translation>未说明原因</translation>
    </message>
    <message>
        <source>%1 cannot read the query: %2. Correct the query.</source>
        <translation>%1 无法解析该查询：%2。请更正查询。</translation>
    </message>
    <message>
        <source>%1 could not carry out the query: %2. Change the query, or ask for a shorter range.</source>
        <translation>%1 无法执行该查询：%2。请修改查询，或缩短范围。</translation>
    </message>
    <message>
        <source>%1 does not have this: %2. Its version may be too old for it.</source>
        <translation>%1 没有此内容：%2。其版本可能过旧。</translation>
    </message>
    <message>
        <source>%1 is not available yet: %2. Try again in a moment.</source>
        <translation>%1 尚不可用：%2。请稍后重试。</translation>
    </message>
    <message>
        <source>%1 answered with an error (%2): %3. Try again; if it lasts, look at its log.</source>
        <translation>%1 返回错误（%2）：%3。请重试；若仍如此，请查看其日志。</translation>
    </message>
    <message>
        <source>%1 does not let you read metrics (403). Ask whoever runs it for that right, or set another credential under Connections.</source>
        <translation>%1 不允许你读取指标（403）。请向其管理者申请该权限，或在“连接”中设置其他凭据。</translation>
    </message>
    <message>
        <source>%1 asks for fewer queries (429). Wait a moment, or look at fewer charts at a time.</source>
        <translation>%1 要求减少查询（429）。请稍候，或一次少看几张图表。</translation>
    </message>
</context>
<context>
    <name>Promotions</name>
    <message>
        <source>This step is not one that the ledger can carry out.</source>
        <translation>台账无法执行此步骤。</translation>
    </message>
    <message>
        <source>claimed; nobody else can start it</source>
        <translation>已认领；其他人无法再开始</translation>
    </message>
    <message>
        <source>This step is not one that a repository can carry out.</source>
        <translation>代码仓库无法执行此步骤。</translation>
    </message>
    <message>
        <source>The branch %1 of %2 moved from %3 to %4 since it was shown. Nothing was written: look at the new state and plan again.</source>
        <translation>自显示以来，%2 的分支 %1 已从 %3 移动到 %4。没有写入任何内容：请查看新状态并重新制定计划。</translation>
    </message>
    <message>
        <source>%1 has no branch %2.</source>
        <translation>%1 没有分支 %2。</translation>
    </message>
    <message>
        <source>%1 has no file %2 on the branch %3.</source>
        <translation>%1 的分支 %3 上没有文件 %2。</translation>
    </message>
    <message>
        <source>%1 in %2: %3</source>
        <translation>%2 中的 %1：%3</translation>
    </message>
    <message>
        <source>Commit %1 of %2 to %3</source>
        <translation>将 %2 的 %1 提交到 %3</translation>
    </message>
    <message>
        <source>Git %1</source>
        <translation>Git %1</translation>
    </message>
    <message>
        <source>Promote %1 to %2: %3</source>
        <translation>将 %1 晋级到 %2：%3</translation>
    </message>
    <message>
        <source>only if the branch is still at %1</source>
        <translation>仅当分支仍位于 %1 时</translation>
    </message>
    <message>
        <source>Read from the repository just now</source>
        <translation>刚从代码仓库读取</translation>
    </message>
    <message>
        <source>%1 has the image in line %2</source>
        <translation>%1 的第 %2 行含有该镜像</translation>
    </message>
    <message>
        <source>The repository says exactly this already</source>
        <translation>代码仓库中的内容已经与此完全一致</translation>
    </message>
    <message>
        <source>Look why the cluster does not follow it.</source>
        <translation>请查看集群为何没有跟进。</translation>
    </message>
    <message>
        <source>committed; the cluster has not followed yet</source>
        <translation>已提交；集群尚未跟进</translation>
    </message>
    <message>
        <source>It has no place for the image %1: &quot;image:&quot;, a kustomize entry of that name with &quot;newTag&quot; or &quot;digest&quot;, or &quot;repository:&quot; with &quot;tag&quot; or &quot;digest&quot; was looked for.</source>
        <translation>其中没有镜像 %1 的位置：查找过“image:”、带有“newTag”或“digest”的同名 kustomize 条目，以及带有“tag”或“digest”的“repository:”。</translation>
    </message>
    <message>
        <source>It has the image %1 in several places, lines %2: which one is the release&apos;s cannot be told.</source>
        <translation>镜像 %1 在其中多处出现（第 %2 行）：无法判断哪一处属于该版本。</translation>
    </message>
    <message>
        <source>The ledger&apos;s allowed_signers does not have your key %1: an admin can add it.</source>
        <translation>台账的 allowed_signers 中没有你的密钥 %1：可由管理员添加。</translation>
    </message>
    <message>
        <source>The ledger&apos;s allowed_signers does not let your key %1 sign commits.</source>
        <translation>台账的 allowed_signers 不允许你的密钥 %1 为提交签名。</translation>
    </message>
    <message>
        <source>Your key %1 is not valid at this time (%2 in allowed_signers).</source>
        <translation>你的密钥 %1 此时无效（allowed_signers 中为 %2）。</translation>
    </message>
    <message>
        <source>The policy gives %1 no role, and what somebody without a role signs does not count: an admin can add one.</source>
        <translation>策略没有赋予 %1 任何角色，而没有角色的人所签内容不算数：可由管理员添加角色。</translation>
    </message>
    <message>
        <source>The policy does not say who %1 is: an admin can name the key under a principal.</source>
        <translation>策略没有说明 %1 是谁：可由管理员在某个主体下写明该密钥。</translation>
    </message>
    <message>
        <source>There is no ledger at %1 yet.</source>
        <translation>%1 处尚无台账。</translation>
    </message>
    <message>
        <source>What %1 runs in %2 is not known.</source>
        <translation>不知道 %1 在 %2 中运行什么。</translation>
    </message>
    <message>
        <source>The ledger has no promotion %1.</source>
        <translation>台账中没有晋级 %1。</translation>
    </message>
    <message>
        <source>it is about %1 in %2</source>
        <translation>它针对的是 %2 中的 %1</translation>
    </message>
    <message>
        <source>%1 would go out now, you looked at %2</source>
        <translation>现在将发布的是 %1，而你查看的是 %2</translation>
    </message>
    <message>
        <source>it is commit %1 now, you looked at %2</source>
        <translation>现在是提交 %1，而你查看的是 %2</translation>
    </message>
    <message>
        <source>the policy changed (%1, it was %2)</source>
        <translation>策略已更改（现在是 %1，之前是 %2）</translation>
    </message>
    <message>
        <source>The promotion %1 is not what you looked at any more: %2. Nothing was written.</source>
        <translation>晋级 %1 已不是你所查看的那样：%2。没有写入任何内容。</translation>
    </message>
    <message>
        <source>Acting alone needs a reason: it is kept in the ledger.</source>
        <translation>单独行动需要说明原因：原因会保存在台账中。</translation>
    </message>
    <message>
        <source>No break-glass %1 waits for a countersignature.</source>
        <translation>没有等待会签的破窗 %1。</translation>
    </message>
    <message>
        <source>The policy has no rules for %1 in %2.</source>
        <translation>策略中没有 %1 在 %2 的规则。</translation>
    </message>
    <message>
        <source>Nothing is held by %1.</source>
        <translation>没有由 %1 搁置的内容。</translation>
    </message>
    <message>
        <source>No claim of %1 is open.</source>
        <translation>%1 没有未结束的认领。</translation>
    </message>
    <message>
        <source>Only its claimant or an admin can end a claim.</source>
        <translation>只有认领者或管理员可以结束认领。</translation>
    </message>
    <message>
        <source>%1 has claimed the promotion already. Nothing was changed.</source>
        <translation>%1 已认领该晋级。没有变更任何内容。</translation>
    </message>
    <message>
        <source>The promotion is not what was planned any more: %1. Nothing was changed.</source>
        <translation>该晋级已不是计划时的样子：%1。没有变更任何内容。</translation>
    </message>
    <message>
        <source>The policy has no rules for %1 in %2: nothing may go there.</source>
        <translation>策略中没有 %1 在 %2 的规则：不得向那里发布。</translation>
    </message>
    <message>
        <source>No promotion path of %1 leads to %2.</source>
        <translation>%1 没有通往 %2 的晋级路径。</translation>
    </message>
    <message>
        <source>The path of %1 begins in %2: say with a digest what shall go there.</source>
        <translation>%1 的路径从 %2 开始：请用摘要说明要向那里发布什么。</translation>
    </message>
    <message>
        <source>%1 runs %2, not %3. Bring %3 there first, or name its digest.</source>
        <translation>%1 运行的是 %2，而不是 %3。请先把 %3 发布到那里，或指定其摘要。</translation>
    </message>
    <message>
        <source>Which digest %1 runs is not known: %2</source>
        <translation>不知道 %1 运行的是哪个摘要：%2</translation>
    </message>
    <message>
        <source>No cluster runs %1 in %2.</source>
        <translation>没有集群在 %2 中运行 %1。</translation>
    </message>
    <message>
        <source>%1 runs exactly this already: %2</source>
        <translation>%1 运行的已经正是它：%2</translation>
    </message>
    <message>
        <source>The policy changed since this was looked at. Nothing was written: look again.</source>
        <translation>自查看以来策略已变更。未写入任何内容：请重新查看。</translation>
    </message>
    <message>
        <source>The policy gives the key %1 to nobody.</source>
        <translation>密钥 %1 在策略中不属于任何人。</translation>
    </message>
    <message>
        <source>The policy lets the gate &quot;%1&quot; of the connection &quot;%2&quot; carry out promotions of %3 to %4, but no connection of this name that has gates is configured here. Add it to the workspace, or press the gate at the vendor.</source>
        <translation>策略让连接“%2”的门禁“%1”执行 %3 到 %4 的晋级，但这里没有配置带门禁的同名连接。请将其加入工作区，或在供应商处操作该门禁。</translation>
    </message>
    <message>
        <source>No repository can be written from here, and the policy carries out promotions of %1 to %2 by a commit to %3.</source>
        <translation>从这里无法写入任何代码仓库，而策略通过向 %3 提交来执行 %1 到 %2 的晋级。</translation>
    </message>
    <message>
        <source>The connection %1 cannot set which release runs.</source>
        <translation>连接 %1 无法设置运行哪个版本。</translation>
    </message>
    <message>
        <source>The promotion %1 is not what you looked at any more: %2.</source>
        <translation>晋级 %1 已不是你所查看的样子：%2。</translation>
    </message>
    <message>
        <source>Who may start it</source>
        <translation>谁可以启动</translation>
    </message>
    <message>
        <source>Claim the promotion %1 in the ledger</source>
        <translation>在台账中认领晋级 %1</translation>
    </message>
    <message>
        <source>Ledger %1</source>
        <translation>台账 %1</translation>
    </message>
    <message>
        <source>only if nobody has claimed it, the policy is still met, and it is still %1</source>
        <translation>仅当没有人认领、策略仍满足且仍是 %1 时</translation>
    </message>
    <message>
        <source>This program has no ledger open that promotions could be claimed in.</source>
        <translation>此程序没有打开可以认领晋级的台账。</translation>
    </message>
    <message>
        <source>The claim stays; its outcome is recorded</source>
        <translation>认领保留；其结果已记录</translation>
    </message>
    <message>
        <source>The claim stays in the ledger</source>
        <translation>认领保留在台账中</translation>
    </message>
    <message>
        <source>Nothing says which commit this release was built from.</source>
        <translation>没有信息说明此版本由哪个提交构建。</translation>
    </message>
    <message>
        <source>Which commit runs there now is not known, hence not what changes and whom it is by.</source>
        <translation>不知道那里现在运行的是哪个提交，因此也不知道变更了什么、出自谁手。</translation>
    </message>
    <message>
        <source>There are more commits than are read at once: not all authors are known.</source>
        <translation>提交数超过一次读取的上限：并非所有作者都已知。</translation>
    </message>
    <message>
        <source>The claim is written here, but the shared ledger could not be reached: %1</source>
        <translation>认领已写在本机，但无法访问共享台账：%1</translation>
    </message>
    <message>
        <source>%1 has no workload there.</source>
        <translation>%1 在那里没有工作负载。</translation>
    </message>
    <message>
        <source>Which of the workloads %1 is %2 cannot be told: call one of them %2.</source>
        <translation>无法判断工作负载 %1 中哪一个是 %2：请将其中之一命名为 %2。</translation>
    </message>
    <message>
        <source>The policy sets the track %1, but %2 has %3 in %4.</source>
        <translation>策略设置轨道 %1，但 %2 在 %4 中有 %3。</translation>
    </message>
    <message>
        <source>%1 has the tracks %2 in %3, and not exactly one of them is without traffic: name the one to set in the policy (execution, track).</source>
        <translation>%1 在 %3 中有轨道 %2，其中没有流量的并非恰好一个：请在策略中指定要设置的轨道（execution, track）。</translation>
    </message>
    <message>
        <source>The clusters are still being read.</source>
        <translation>仍在读取集群。</translation>
    </message>
    <message>
        <source>%1 runs in %2 in several places (%3); a promotion goes to one. Name them as environments of their own in the workspace.</source>
        <translation>%1 在 %2 中的多处运行（%3）；一次晋级只发布到一处。请在工作区中将它们分别命名为各自的环境。</translation>
    </message>
    <message>
        <source>The connection %1 cannot tell which release runs.</source>
        <translation>连接 %1 无法得知运行的是哪个版本。</translation>
    </message>
    <message>
        <source>it still runs %1; look whether what follows %2 is at work</source>
        <translation>它仍在运行 %1；请查看跟随 %2 的程序是否在工作</translation>
    </message>
    <message>
        <source>Somebody else has claimed the promotion %1 meanwhile.</source>
        <translation>在此期间其他人已认领晋级 %1。</translation>
    </message>
    <message>
        <source>The ledger has no claim of the promotion %1.</source>
        <translation>台账中没有对晋级 %1 的认领。</translation>
    </message>
    <message>
        <source>The promotion is not what was claimed any more: %1.</source>
        <translation>该晋级已不是认领时的样子：%1。</translation>
    </message>
    <message>
        <source>What is in the ledger with the claim, or what runs, stands against it: %1</source>
        <translation>台账中与认领相关的内容或正在运行的内容与之抵触：%1</translation>
    </message>
    <message>
        <source>%1 Nothing was changed.</source>
        <translation>%1 没有任何更改。</translation>
    </message>
    <message>
        <source>A freeze needs a reason: it is kept in the ledger.</source>
        <translation>冻结需要原因：它会保存在台账中。</translation>
    </message>
    <message>
        <source>The freeze is not what you looked at any more: %1. Nothing was written.</source>
        <translation>该冻结已不是你看到的样子：%1。没有写入任何内容。</translation>
    </message>
    <message>
        <source>%1 is a branch, which goes on: it does not say which commit this release was built from.</source>
        <translation>%1 是一个分支，会继续前进：它无法说明此发布是从哪个提交构建的。</translation>
    </message>
    <message>
        <source>What was committed to %1 stays there: roll back, or promote again.</source>
        <translation>提交到 %1 的内容会保留：请回滚，或重新晋级。</translation>
    </message>
    <message numerus="yes">
        <source>and more, in %n file(s) altogether</source>
        <translation>
            <numerusform>以及更多，共 %n 个文件</numerusform>
        </translation>
    </message>
    <message>
        <source>the difference is longer than what is shown</source>
        <translation>差异比显示的更长</translation>
    </message>
    <message>
        <source>commit %1 by %2</source>
        <translation>提交 %1，作者 %2</translation>
    </message>
    <message>
        <source>it was taken back before</source>
        <translation>它曾被撤回</translation>
    </message>
    <message>
        <source>Look why before it goes out again.</source>
        <translation>再次发布前请查看原因。</translation>
    </message>
    <message>
        <source>%1 of %2 names no earlier release that was not taken back.</source>
        <translation>%2 的 %1 中没有未被撤回的较早版本。</translation>
    </message>
    <message>
        <source>No earlier commit %1 names a release in %2 of %3.</source>
        <translation>在 %3 的 %2 中，没有较早的提交 %1 指明版本。</translation>
    </message>
    <message>
        <source>Revert %1 on %2</source>
        <translation>在 %2 上还原 %1</translation>
    </message>
    <message>
        <source>Revert %1 commits on %2</source>
        <translation>在 %2 上还原 %1 个提交</translation>
    </message>
    <message numerus="yes">
        <source>the commits changed %n other file(s), which stay as they are; only the line with the image is put back</source>
        <translation>
            <numerusform>这些提交还更改了 %n 个其他文件，它们保持不变；只把镜像所在的行改回去</numerusform>
        </translation>
    </message>
    <message>
        <source>Look whether the earlier release can live with what else was changed.</source>
        <translation>请确认较早的版本能否与其他更改共存。</translation>
    </message>
    <message numerus="yes">
        <source>%n commit(s) can be undone as they are</source>
        <translation>
            <numerusform>%n 个提交可以原样撤销</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 cannot be undone as a whole, since %2 changed again later: only the line with the image is put back</source>
        <translation>无法整体撤销 %1，因为 %2 之后又有更改：只把镜像所在的行改回去</translation>
    </message>
    <message>
        <source>Put back the image of %1 on %2</source>
        <translation>在 %2 上改回 %1 的镜像</translation>
    </message>
    <message>
        <source>The connection %1 is gone.</source>
        <translation>连接 %1 已不存在。</translation>
    </message>
    <message>
        <source>The branch %1 of %2 never had a file %3.</source>
        <translation>%2 的分支 %1 从未有过文件 %3。</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) of %1; the cluster follows by itself</source>
        <translation>
            <numerusform>%1 的 %n 个文件；集群会自行跟随</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 was taken back before</source>
        <translation>%1 曾被撤回</translation>
    </message>
    <message>
        <source>The cluster runs exactly this already</source>
        <translation>集群已经在运行完全相同的内容</translation>
    </message>
    <message>
        <source>The commit keeps it so: the repository says otherwise.</source>
        <translation>此提交会使其保持：代码仓库目前说的是另一版本。</translation>
    </message>
    <message>
        <source>The cluster does not run what the repository says</source>
        <translation>集群运行的不是代码仓库所说的内容</translation>
    </message>
    <message>
        <source>Look whether what applies the repository is at work.</source>
        <translation>请查看应用代码仓库的程序是否在工作。</translation>
    </message>
    <message>
        <source>The branch %1 of %2 does not have the promotion&apos;s commit any more.</source>
        <translation>%2 的分支 %1 中已没有此晋级的提交。</translation>
    </message>
    <message>
        <source>Undoing the commits gives another result than the one shown. Nothing was written: plan again.</source>
        <translation>撤销这些提交的结果与显示的不同。没有写入任何内容：请重新计划。</translation>
    </message>
    <message>
        <source>%1 still has %2, and %3 says %4</source>
        <translation>%1 仍为 %2，而 %3 为 %4</translation>
    </message>
    <message>
        <source>; the commit is unsigned: %1</source>
        <translation>；提交未签名：%1</translation>
    </message>
    <message>
        <source>The promotion %1 of %2 to %3 ended here as &quot;%4&quot;, but %5 had closed its claim as &quot;%6&quot; before, and that stays in the ledger. Look at %3, and tell them.</source>
        <translation>晋级 %1（%2 到 %3）在此处以“%4”结束，但 %5 之前已把它的认领关闭为“%6”，台账中保留的是后者。请查看 %3，并告知对方。</translation>
    </message>
    <message>
        <source>Nothing is approved on what may be old: %1</source>
        <translation>可能陈旧的内容不予批准：%1</translation>
    </message>
    <message>
        <source>Several digests of the ledger begin with %1: give more digits.</source>
        <translation>台账中有多个摘要以 %1 开头：请多给几位。</translation>
    </message>
    <message>
        <source> from %1</source>
        <translation> 自 %1</translation>
    </message>
    <message>
        <source> until %1</source>
        <translation> 至 %1</translation>
    </message>
    <message>
        <source>May sign: %1.</source>
        <translation>可以签名：%1。</translation>
    </message>
    <message>
        <source>May not sign any more: %1.</source>
        <translation>不能再签名：%1。</translation>
    </message>
    <message>
        <source>Nothing but remarks and layout.</source>
        <translation>只改了注释和排版。</translation>
    </message>
    <message>
        <source>there is none</source>
        <translation>没有</translation>
    </message>
    <message>
        <source>You made this change: another admin has to countersign it (%1).</source>
        <translation>这一变更是你做的：须由另一位管理员会签（%1）。</translation>
    </message>
    <message>
        <source>Only an admin may countersign a change of the policy (%1).</source>
        <translation>只有管理员可以会签策略变更（%1）。</translation>
    </message>
    <message>
        <source>Only an admin may change the policy or allowed_signers (%1).</source>
        <translation>只有管理员可以更改策略或 allowed_signers（%1）。</translation>
    </message>
    <message>
        <source>%1 and %2 leave no admin with a key that may sign: nobody could ever change the policy again. Keep one of the admins of the role &quot;admins&quot; in both.</source>
        <translation>%1 与 %2 中没有任何管理员留有可签名的密钥：以后谁也无法再更改策略。请在两者中都保留“admins”角色的一位管理员。</translation>
    </message>
    <message>
        <source>The ledger says exactly this already: nothing was written.</source>
        <translation>台账的内容已与此完全一致：没有写入任何内容。</translation>
    </message>
    <message>
        <source>The change %1 says exactly this already, and waits for a second admin. Nothing was written.</source>
        <translation>变更 %1 的内容已与此完全一致，正在等待第二位管理员。没有写入任何内容。</translation>
    </message>
    <message>
        <source>Another policy is in force than the one you looked at, or other changes wait. Nothing was written: look again.</source>
        <translation>现行策略已不是你看到的那一份，或有其他变更在等待。没有写入任何内容：请重新查看。</translation>
    </message>
    <message>
        <source>No change of the policy %1 waits for a countersignature.</source>
        <translation>没有等待会签的策略变更 %1。</translation>
    </message>
    <message>
        <source>A note without a word says nothing.</source>
        <translation>空白的备注没有意义。</translation>
    </message>
    <message>
        <source>Somebody else changed the policy, or countersigned a change, in the same moment: yours was taken back. Look at theirs, then decide again.</source>
        <translation>同一时刻有人更改了策略或会签了变更：你的已撤回。请先看对方的，再作决定。</translation>
    </message>
    <message>
        <source>The image is not pinned by digest, and its registry does not say which release the pods run: %1</source>
        <translation>镜像未按摘要固定，其镜像仓库也没有说明 Pod 运行的是哪个版本：%1</translation>
    </message>
    <message>
        <source>the ledger (%1)</source>
        <translation>台账（%1）</translation>
    </message>
    <message>
        <source>no ledger, for there is none here</source>
        <translation>没有台账，因为这里没有</translation>
    </message>
    <message>
        <source>the ledger %1 (promotions asked for: %2)</source>
        <translation>台账 %1（已申请的晋级：%2）</translation>
    </message>
    <message>
        <source>%1 is %2, by %3.</source>
        <translation>根据 %3，%1 是 %2。</translation>
    </message>
    <message>
        <source>the ledger</source>
        <translation>台账</translation>
    </message>
    <message>
        <source>the registry %1 (%2)</source>
        <translation>镜像仓库 %1（%2）</translation>
    </message>
    <message>
        <source>the registry %1, where %2 is without the label org.opencontainers.image.revision</source>
        <translation>镜像仓库 %1，其中 %2 没有标签 org.opencontainers.image.revision</translation>
    </message>
    <message>
        <source>the label org.opencontainers.image.revision of %1</source>
        <translation>%1 的标签 org.opencontainers.image.revision</translation>
    </message>
    <message>
        <source>no registry, for no image of %1 is known</source>
        <translation>没有镜像仓库，因为不知道 %1 的任何镜像</translation>
    </message>
    <message>
        <source>no registry, for the workspace names none that has %1</source>
        <translation>没有镜像仓库，因为工作区没有列出含 %1 的镜像仓库</translation>
    </message>
    <message>
        <source>Looked at as well: %1.</source>
        <translation>还查看了：%1。</translation>
    </message>
    <message>
        <source>Nothing says which commit of %1 the digest %2 was built from. Looked at: %3. Name the image with its registry (registry.example.com/team/app@sha256:...), or a tag or commit.</source>
        <translation>没有任何信息说明摘要 %2 由 %1 的哪个提交构建。已查看：%3。请写出带镜像仓库的镜像名（registry.example.com/team/app@sha256:...），或写标签或提交。</translation>
    </message>
    <message>
        <source>The cluster cannot be read: whether it follows will not be seen</source>
        <translation>集群无法读取：它是否跟随将无法看到</translation>
    </message>
    <message>
        <source>Look there by another way once it is committed.</source>
        <translation>提交之后，请用其他方式查看集群。</translation>
    </message>
    <message>
        <source>%1 cannot be undone as a whole, since %2 changed again later. Roll back instead: that puts back the line alone.</source>
        <translation>%1 无法整体撤销，因为 %2 之后又有改动。请改用回滚：那样只恢复这一行。</translation>
    </message>
    <message>
        <source>what it would do is not what you were shown when you asked: look at the plan</source>
        <translation>将要执行的内容与你申请时看到的不同：请查看计划</translation>
    </message>
    <message>
        <source>a check warns that did not when you asked (%1)</source>
        <translation>有一项检查在你申请时没有警告，现在警告了（%1）</translation>
    </message>
    <message>
        <source>Nothing is started on what may be old: %1</source>
        <translation>可能陈旧的内容不予启动：%1</translation>
    </message>
    <message>
        <source>%1 is %2, by %3; that is a branch, which moves on, and no commit it was built from.</source>
        <translation>根据 %3，%1 是 %2；那是会继续移动的分支，而不是它据以构建的提交。</translation>
    </message>
    <message>
        <source>%1 rejected it</source>
        <translation>%1 已驳回</translation>
    </message>
    <message>
        <source>its plan grew old before it could begin: look at it</source>
        <translation>计划在开始之前已经过期：请查看</translation>
    </message>
    <message>
        <source>The model cannot be written with the image</source>
        <translation>模型无法随镜像一起写入</translation>
    </message>
    <message>
        <source>Leave one place in the file that says it.</source>
        <translation>让文件中只保留一处说明它的地方。</translation>
    </message>
    <message>
        <source>The file names the model: %1</source>
        <translation>文件写明了模型：%1</translation>
    </message>
    <message>
        <source>%1 does not say which model it is: the cluster will go on saying %2, not %3</source>
        <translation>%1 没有写明是哪个模型：集群仍会显示 %2，而不是 %3</translation>
    </message>
    <message>
        <source>Change it where it is said, too.</source>
        <translation>也请在写明它的地方修改。</translation>
    </message>
    <message numerus="yes">
        <source>%n line(s) of %1; the cluster follows by itself</source>
        <translation>
            <numerusform>%1 的 %n 行；集群会自行跟随</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s) change</source>
        <translation>
            <numerusform>%n 行改变</numerusform>
        </translation>
    </message>
    <message>
        <source>It says %1 in several places, lines %2: which one is the release&apos;s cannot be told.</source>
        <translation>它在多处写有 %1（第 %2 行）：无法判断哪一处属于该发布。</translation>
    </message>
    <message>
        <source>The ledger&apos;s policy</source>
        <translation>台账的策略</translation>
    </message>
    <message>
        <source>%1 without an environment</source>
        <translation>%1（无环境）</translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <translation>%2 中的 %1</translation>
    </message>
    <message>
        <source>Saying no needs nobody&apos;s agreement.</source>
        <translation>拒绝不需要任何人同意。</translation>
    </message>
    <message>
        <source>It says nothing of %1: the vendor&apos;s own rules alone decide.</source>
        <translation>它没有提到 %1：仅由供应商自己的规则决定。</translation>
    </message>
    <message>
        <source>It lets exactly one commit of %1 go to %2, and the vendor does not say which one waits here.</source>
        <translation>它只放行 %1 的某一个提交进入 %2，而供应商没有说明这里等待的是哪一个。</translation>
    </message>
    <message>
        <source>Look at the run at the vendor.</source>
        <translation>请在供应商上查看该运行。</translation>
    </message>
    <message>
        <source>It could not be read: %1</source>
        <translation>无法读取：%1</translation>
    </message>
    <message>
        <source>Look at the ledger first: &quot;signalbox ledger status&quot; says what is wrong.</source>
        <translation>请先查看台账：&quot;signalbox ledger status&quot; 会说明问题所在。</translation>
    </message>
    <message>
        <source>There is no ledger with a policy here: the vendor&apos;s own rules alone decide.</source>
        <translation>这里没有带策略的台账：仅由供应商自己的规则决定。</translation>
    </message>
    <message>
        <source>The shared ledger cannot be reached</source>
        <translation>无法访问共享台账</translation>
    </message>
    <message>
        <source>Try again once it can be: what others wrote meanwhile is not known.</source>
        <translation>可以访问后请重试：其他人在此期间写入的内容未知。</translation>
    </message>
    <message>
        <source>The connection %1 was closed.</source>
        <translation>连接 %1 已关闭。</translation>
    </message>
    <message>
        <source>Promotion %1: %2</source>
        <translation>晋级 %1：%2</translation>
    </message>
    <message>
        <source>No run of commit %1 waits at the gate &quot;%2&quot; of the connection &quot;%3&quot;.</source>
        <translation>没有提交 %1 的运行在连接“%3”的门禁“%2”处等待。</translation>
    </message>
    <message>
        <source>Wait until %1 runs %2 in %3</source>
        <translation>等到 %1 在 %3 运行 %2</translation>
    </message>
    <message>
        <source>Look whether %1 runs %2 in %3</source>
        <translation>查看 %1 是否在 %3 运行 %2</translation>
    </message>
    <message>
        <source>The clusters</source>
        <translation>集群</translation>
    </message>
    <message>
        <source>Whether it runs will be seen in %1</source>
        <translation>是否运行将在 %1 中看到</translation>
    </message>
    <message>
        <source>Whether %1 runs in %2 will not be seen</source>
        <translation>将无法看到 %1 是否在 %2 运行</translation>
    </message>
    <message>
        <source>The gate can be opened, and the ledger will say that nobody saw the effect: it counts for no soak time and no figure. Add the cluster to the workspace to see it.</source>
        <translation>可以打开门禁，但台账会写明没有人看到效果：不计入观察期，也不计入任何指标。要看到效果，请把集群加入工作区。</translation>
    </message>
    <message>
        <source>the gate is open; whether %1 runs in %2 was not seen: %3</source>
        <translation>门禁已打开；没有看到 %1 是否在 %2 运行：%3</translation>
    </message>
    <message>
        <source>%1 runs %2 in %3</source>
        <translation>%1 在 %3 运行 %2</translation>
    </message>
    <message>
        <source>%1 still runs %2</source>
        <translation>%1 仍在运行 %2</translation>
    </message>
    <message>
        <source>Say in the workspace which application the project %1 of %2 builds (applications, pipelines), or decide at the vendor.</source>
        <translation>请在工作区中写明 %2 的项目 %1 构建哪个应用（applications、pipelines），或到供应商处决定。</translation>
    </message>
    <message>
        <source>It has rules for %1, and nothing says which application the project %2 builds.</source>
        <translation>它对 %1 有规则，但没有任何地方写明项目 %2 构建哪个应用。</translation>
    </message>
    <message>
        <source>Nothing says which application the project %1 builds: the vendor&apos;s own rules alone decide.</source>
        <translation>没有任何地方写明项目 %1 构建哪个应用：只由供应商自己的规则决定。</translation>
    </message>
    <message>
        <source>It has rules for %1 in %2, and none for %3: the vendor&apos;s own rules alone decide.</source>
        <translation>它对 %2 中的 %1 有规则，对 %3 没有：只由供应商自己的规则决定。</translation>
    </message>
    <message>
        <source>If it is the gate of one of them, name it in the policy (execution, gate), or decide at the vendor.</source>
        <translation>如果它是其中某个环境的门禁，请在策略中写明（execution、gate），或到供应商处决定。</translation>
    </message>
    <message>
        <source>What runs in %1 could not be read</source>
        <translation>无法读取 %1 中运行的内容</translation>
    </message>
    <message>
        <source>Several gates &quot;%1&quot; wait for commit %2 at %3, in the runs %4: which one carries the promotion out cannot be told. Decide the others at the vendor, by their own links, then look again.</source>
        <translation>%3 上有多个门禁“%1”在等待提交 %2（运行 %4）：无法判断由哪一个执行晋级。请到供应商处通过各自的链接决定其余门禁，然后再看。</translation>
    </message>
    <message numerus="yes">
        <source>%n approval(s) of others are missing at the vendor</source>
        <translation>
            <numerusform>供应商处还缺其他人的 %n 个批准</numerusform>
        </translation>
    </message>
    <message>
        <source>Two gates &quot;%1&quot; wait for the same commit</source>
        <translation>有两个门禁“%1”在等待同一个提交</translation>
    </message>
    <message>
        <source>Run %1 and run %2 of %3; neither names an environment, so for which of them the policy was met cannot be told.</source>
        <translation>%3 的运行 %1 和运行 %2；两者都没有写明环境，无法判断策略是对哪一个满足的。</translation>
    </message>
    <message>
        <source>Decide at the vendor, or by its own link: %1</source>
        <translation>请到供应商处决定，或通过它自己的链接：%1</translation>
    </message>
    <message>
        <source>%1 waits there now, and %2 was judged</source>
        <translation>现在等待的是 %1，而判断的是 %2</translation>
    </message>
    <message>
        <source>Look at the gate anew.</source>
        <translation>请重新查看门禁。</translation>
    </message>
    <message>
        <source>It names the gate &quot;%1&quot; for %2, and nothing says for which of them it is.</source>
        <translation>它为 %2 都指定了门禁“%1”，没有任何地方写明这是哪一个的。</translation>
    </message>
    <message>
        <source>Decide at the vendor, and give each gate a name of its own.</source>
        <translation>请到供应商处决定，并给每个门禁起各自的名字。</translation>
    </message>
    <message>
        <source>What runs there and whether alerts fire could not be read</source>
        <translation>无法读取那里运行什么以及是否有告警触发</translation>
    </message>
    <message>
        <source>Look at the connections before you go on.</source>
        <translation>继续之前请查看各连接。</translation>
    </message>
    <message>
        <source>The shared ledger could not be fetched, and there is no copy of it here yet: %1</source>
        <translation>无法获取共享台账，而且这里还没有它的副本：%1</translation>
    </message>
    <message>
        <source>Whether another gate of this name waits could not be read</source>
        <translation>无法读取是否还有同名门禁在等待</translation>
    </message>
    <message>
        <source>Try again, or decide at the vendor.</source>
        <translation>请重试，或到供应商处决定。</translation>
    </message>
    <message>
        <source>%1 has %2 in %3 on the track %4, without traffic</source>
        <translation>%1 在 %3 的轨道 %4 上已是 %2，尚无流量</translation>
    </message>
    <message>
        <source>%1 has %2 in %3 on the track %4; most traffic goes elsewhere</source>
        <translation>%1 在 %3 的轨道 %4 上已是 %2；大部分流量在别处</translation>
    </message>
    <message>
        <source>Whether %1 runs in %2 would not be seen</source>
        <translation>将无法看到 %1 是否在 %2 运行</translation>
    </message>
    <message>
        <source>A promotion is carried out only where its effect can be seen: add the cluster to the workspace, or decide the gate at the vendor.</source>
        <translation>只有在能看到效果的地方才执行晋级：请将该集群加入工作区，或在供应商处决定该门禁。</translation>
    </message>
    <message>
        <source>run %1 that should bring it ended: %2</source>
        <translation>应当带来它的运行 %1 已结束：%2</translation>
    </message>
    <message>
        <source>deployment %1 of %2 is live by %3; no cluster shows it</source>
        <translation>据%3，%2 的部署 %1 已生效；没有集群显示它</translation>
    </message>
    <message>
        <source>No cluster shows %1 in %2: only the vendor will tell</source>
        <translation>没有集群显示 %2 中的 %1：只有供应商会说明结果</translation>
    </message>
    <message>
        <source>The ledger will say that no cluster showed the effect: it counts for no soak time and no figure. Add the cluster to the workspace to see it.</source>
        <translation>台账会注明没有集群显示其效果：它不计入观察期，也不计入任何指标。要看到效果，请把集群加入工作区。</translation>
    </message>
    <message>
        <source>Name it in the policy, at its environment (environments, execution: {by: vendorGate, connection: %1, gate: &quot;%2&quot;}), or decide at the vendor.</source>
        <translation>请在策略中它所属的环境下指明它（environments，execution: {by: vendorGate, connection: %1, gate: &quot;%2&quot;}），或在供应商处决定。</translation>
    </message>
    <message>
        <source>It has rules, and nothing says which application the project %1 builds, nor which environment this gate lets it into.</source>
        <translation>策略中有规则，但没有说明项目 %1 构建的是哪个应用，也没有说明此门禁放行到哪个环境。</translation>
    </message>
    <message>
        <source>It has rules for %1 in %2, and this gate names no environment: whose rules it has to meet is not known.</source>
        <translation>策略对 %1 在 %2 有规则，而此门禁没有指明环境：不知道它须满足哪个环境的规则。</translation>
    </message>
    <message>
        <source>Look at the connection. Where no cluster shows it, name the gate in the policy (execution, by: vendorGate), and the vendor&apos;s deployments tell it.</source>
        <translation>请查看该连接。没有集群显示它时，请在策略中指明该门禁（execution，by: vendorGate），便由供应商的部署来说明。</translation>
    </message>
    <message>
        <source>The promotion %1 would bring commit %2 now, and %3 waits at this gate.</source>
        <translation>晋级 %1 现在会带来提交 %2，而在此门禁等待的是 %3。</translation>
    </message>
    <message>
        <source>Look why its release is built from another commit now, then ask for it anew.</source>
        <translation>请查看其发布版本现在为何由另一个提交构建，然后重新提出申请。</translation>
    </message>
    <message>
        <source>Promotion %1</source>
        <translation>晋级 %1</translation>
    </message>
    <message>
        <source>the deployments of %1 to %2 at %3</source>
        <translation>%3 上 %1 到 %2 的部署记录</translation>
    </message>
    <message>
        <source>By %1 nothing that is listed succeeded; no cluster shows it.</source>
        <translation>据%1，列出的部署都没有成功；没有集群显示它。</translation>
    </message>
    <message>
        <source>By %1 it is %2, deployment %3; no cluster shows it.</source>
        <translation>据%1，那里是 %2（部署 %3）；没有集群显示它。</translation>
    </message>
    <message>
        <source>%1 at %2 has no environment &quot;%3&quot;; it has: %4.</source>
        <translation>%2 上的 %1 没有环境“%3”；已有：%4。</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>No cluster of the workspace shows %1 in %2, and %3 Mend that, or add its cluster to the workspace; until then only breaking the glass lets a promotion in.</source>
        <translation>工作区中没有集群显示 %2 中的 %1，而且%3请解决此问题，或把它的集群加入工作区；在此之前，只有破窗才能放行晋级。</translation>
    </message>
    <message>
        <source>the connection %1 keeps no deployments.</source>
        <translation>连接 %1 不保存部署记录。</translation>
    </message>
    <message>
        <source>which project of %1 builds it cannot be told: the workspace names none, or one that is not there (applications, pipelines).</source>
        <translation>无法确定由 %1 的哪个项目构建它：工作区没有指明，或所指明的项目在那里不存在（applications, pipelines）。</translation>
    </message>
    <message>
        <source>which of the projects %1 deploys it cannot be told.</source>
        <translation>无法判断项目 %1 中哪一个部署它。</translation>
    </message>
    <message>
        <source>its deployments could not be read: %1</source>
        <translation>无法读取它的部署记录：%1</translation>
    </message>
    <message>
        <source>%1 opens the gate with the last of %2: this promotion gives one, and nothing is deployed before the others have given theirs.</source>
        <translation>%1 在第 %2 个（最后一个）批准后才打开门禁：此晋级给出其中一个，在其他人批准之前不会部署任何东西。</translation>
    </message>
    <message>
        <source>Let the others approve the gate, here or at the vendor: the promotion waits for them, and holds %1 meanwhile.</source>
        <translation>请让其他人在这里或供应商处批准此门禁：晋级会等待他们，其间占用 %1。</translation>
    </message>
    <message>
        <source>The gate asks for values, and takes its defaults so</source>
        <translation>此门禁要求填写参数，这样将采用其默认值</translation>
    </message>
    <message>
        <source>To fill them in, open the gate itself: approving it there carries the promotion out, too.</source>
        <translation>如需填写，请打开门禁本身：在那里批准同样会执行此晋级。</translation>
    </message>
    <message>
        <source>This gate carries out a promotion: who may start it</source>
        <translation>此门禁会执行一次晋级：谁可以开始</translation>
    </message>
    <message>
        <source>Only whoever claims the promotion presses its gate: let them start it.</source>
        <translation>只有认领该晋级的人才能通过它的门禁：请由其开始。</translation>
    </message>
    <message>
        <source>Whether a cluster shows %1 in %2 is not known. %3 Try again once it is.</source>
        <translation>尚不知道是否有集群显示 %2 中的 %1。%3 待知道后请重试。</translation>
    </message>
    <message>
        <source>What the cluster %1 runs could not be read: %2</source>
        <translation>无法读取集群 %1 上运行的内容：%2</translation>
    </message>
    <message>
        <source>its listing is not complete.</source>
        <translation>它的列表不完整。</translation>
    </message>
    <message>
        <source>No cluster of the workspace shows %1 in %2, and %3 Mend that, or add its cluster to the workspace.</source>
        <translation>工作区中没有集群显示 %1 在 %2 中运行，并且 %3 请修复该问题，或将其集群添加到工作区。</translation>
    </message>
    <message>
        <source>%1 opens the gate with the last of %2: yours is given, and nothing is deployed before the others have given theirs.</source>
        <translation>%1 在第 %2 个（最后一个）批准后才打开门禁：你的批准已给出，在其他人批准之前不会部署任何东西。</translation>
    </message>
    <message>
        <source>&quot;signalbox ledger status&quot; says what is wrong.</source>
        <translation>“signalbox ledger status”会说明问题所在。</translation>
    </message>
    <message>
        <source>Whether a freeze or a hold stands against it is not known: the ledger cannot be read</source>
        <translation>不知道是否有冻结或搁置阻止它：无法读取台账</translation>
    </message>
    <message>
        <source>The shared ledger cannot be reached: what others wrote meanwhile is not known</source>
        <translation>无法连接共享台账：不知道其他人在此期间写入了什么</translation>
    </message>
    <message>
        <source>Wait until it opens, or ask %1 to change the policy.</source>
        <translation>请等到它开放，或请 %1 修改策略。</translation>
    </message>
    <message>
        <source>Wait until it is over, or ask %1 to change the policy.</source>
        <translation>请等到它结束，或请 %1 修改策略。</translation>
    </message>
    <message>
        <source>Wait until it is over. What goes back is not held up by it.</source>
        <translation>请等到它结束。它不会阻止回退。</translation>
    </message>
    <message>
        <source>The policy lets nobody act alone.</source>
        <translation>策略不允许任何人单独行动。</translation>
    </message>
    <message>
        <source>If it cannot wait, break the glass and act alone: &quot;signalbox break-glass %1 %2 --reason TEXT&quot;, then try again.</source>
        <translation>如果不能等，请破窗并单独行动：“signalbox break-glass %1 %2 --reason TEXT”，然后重试。</translation>
    </message>
    <message>
        <source>If it cannot wait, %1 may break the glass.</source>
        <translation>如果不能等，%1 可以破窗。</translation>
    </message>
    <message>
        <source>There is no need to: nothing stops a change by hand of %1 in %2, or the glass is broken for it already. Nothing was written.</source>
        <translation>没有必要：没有任何规定阻止在 %2 中手动更改 %1，或者已为其破窗。未写入任何内容。</translation>
    </message>
    <message>
        <source>The glass is broken for a digest, and which one runs as %1 in %2 is not known: %3 Nothing was written. A hold or a freeze that was ordered can be lifted.</source>
        <translation>破窗针对一个摘要，而 %1 在 %2 中运行的是哪一个尚不清楚：%3 未写入任何内容。下达的搁置或冻结可以解除。</translation>
    </message>
    <message>
        <source>No digest is told.</source>
        <translation>没有给出摘要。</translation>
    </message>
    <message>
        <source>%1 in %2 is %3 by now, you looked at %4. Nothing was written: look again.</source>
        <translation>%2 中的 %1 现在是 %3，而你看到的是 %4。未写入任何内容：请重新查看。</translation>
    </message>
    <message>
        <source>%1 and %2 more</source>
        <translation>%1 以及另外 %2 个</translation>
    </message>
    <message>
        <source>There is no application &quot;%1&quot; that a hold could stop: no cluster runs it, and neither the policy nor the ledger names it. There are: %2. Nothing was written.</source>
        <translation>没有可以搁置的应用“%1”：没有集群运行它，策略和台账中也没有它。现有：%2。未写入任何内容。</translation>
    </message>
    <message>
        <source>There is no application &quot;%1&quot;: no cluster runs it where its path leads, and neither the policy nor the ledger names it. See &quot;signalbox status&quot;.</source>
        <translation>没有应用“%1”：其晋级路径上没有集群运行它，策略和台账中也没有它。请查看 &quot;signalbox status&quot;。</translation>
    </message>
</context>
<context>
    <name>Prompter</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>To go on, type the application&apos;s name: %1</source>
        <translation>要继续，请输入应用名称：%1</translation>
    </message>
</context>
<context>
    <name>Readiness</name>
    <message>
        <source>All checks passed, but the cluster has not dry-run the calls.</source>
        <translation>所有检查均通过，但集群没有对调用进行试运行。</translation>
    </message>
    <message>
        <source>All checks passed, and the cluster accepted a dry run of every call.</source>
        <translation>所有检查均通过，且集群接受了每个调用的试运行。</translation>
    </message>
    <message>
        <source>%1; all checks passed, and the cluster accepted a dry run of every call.</source>
        <translation>%1；所有检查均通过，且集群接受了每个调用的试运行。</translation>
    </message>
    <message>
        <source>It would work, but %1 fails itself now: %2 of its requests.</source>
        <translation>可行，但 %1 自身目前也在失败：其 %2 的请求。</translation>
    </message>
    <message>
        <source>Choose another version, or look behind both where they fail alike.</source>
        <translation>请选择另一个版本；如果两者同样失败，请检查它们背后的系统。</translation>
    </message>
</context>
<context>
    <name>ReadinessBar</name>
    <message>
        <source>Way back: ready</source>
        <translation>退路：就绪</translation>
    </message>
    <message>
        <source>Way back: ready, but</source>
        <translation>退路：就绪，但</translation>
    </message>
    <message>
        <source>Way back: not ready</source>
        <translation>退路：未就绪</translation>
    </message>
    <message>
        <source>Way back: unknown</source>
        <translation>退路：未知</translation>
    </message>
</context>
<context>
    <name>Rehearsal</name>
    <message>
        <source>The connection &quot;%1&quot; is not open, so nothing could be asked.</source>
        <translation>连接“%1”未打开，因此无法查询。</translation>
    </message>
    <message>
        <source>It has no workload whose revisions are kept.</source>
        <translation>没有保留修订版的工作负载。</translation>
    </message>
    <message>
        <source>all traffic to %1 %2</source>
        <translation>全部流量指向 %1 %2</translation>
    </message>
    <message>
        <source>Each of its %1 workloads: %2</source>
        <translation>全部 %1 个工作负载：%2</translation>
    </message>
</context>
<context>
    <name>Risk</name>
    <message>
        <source>no test changes with it</source>
        <translation>没有测试随之更改</translation>
    </message>
    <message>
        <source>%1 was in a promotion that failed</source>
        <translation>%1 曾在失败的晋级中</translation>
    </message>
    <message>
        <source>%1 and %2 more were in promotions that failed</source>
        <translation>%1 和另外 %2 个文件曾在失败的晋级中</translation>
    </message>
    <message>
        <source>first change here by %1</source>
        <translation>%1 首次在此变更</translation>
    </message>
    <message>
        <source>%1 of the last %2 promotions failed</source>
        <translation>最近 %2 次晋级中有 %1 次失败</translation>
    </message>
    <message>
        <source>%1: of a hundred promotions like this one %2 would fail, by the %3 that the ledger tells of</source>
        <translation>%1：按台账记载的 %3 次晋级，一百次这样的晋级中会有 %2 次失败</translation>
    </message>
    <message>
        <source>%1. Brier score %2 over %3 of them, %4 for always saying the usual share</source>
        <translation>%1。对其中 %3 次的 Brier 分数为 %2，总是给出平常比例时为 %4</translation>
    </message>
    <message>
        <source>not known: what changes could not be read</source>
        <translation>未知：无法读取变更内容</translation>
    </message>
    <message>
        <source>too little history: %1 of %2 promotions</source>
        <translation>历史太少：%1 / %2 次晋级</translation>
    </message>
    <message>
        <source>%1, as it was recorded when it was asked for</source>
        <translation>%1，为申请时所记录</translation>
    </message>
    <message>
        <source>No figure was recorded when it was asked for</source>
        <translation>申请时没有记录数值</translation>
    </message>
    <message>
        <source>%1 lines added or removed in %2 files, release against release</source>
        <translation>按版本对比，%2 个文件共增删 %1 行</translation>
    </message>
    <message>
        <source>The reasons add up to a score: 0.25 × log2(1 + lines added and removed, release against release); 1.2 × files that were in a failed promotion, of 3; 0.7 for somebody&apos;s first change here; 0.4 outside of Mon-Thu 08:00-18:00 and Fri 08:00-14:00; 0.5 if no test changes; 1.5 × the share of the last 10 promotions that failed. The figure is 1 / (1 + exp(-(a × score + b))), with a and b fitted to the promotions of this environment in the ledger (Platt 1999). The Brier score is the mean squared error when each of them is predicted from those before it, by what was known of them then; the first 40 predict only. It blocks nothing.</source>
        <translation>各项原因相加得到分数：0.25 × log2(1 + 按版本对比增删的行数)；1.2 × 曾出现在失败晋级中的文件数（最多 3 个，除以 3）；有人首次在此更改加 0.7；周一至周四 08:00-18:00 与周五 08:00-14:00 之外加 0.4；没有测试更改加 0.5；1.5 × 最近 10 次晋级中失败的比例。风险值为 1 / (1 + exp(-(a × 分数 + b)))，a 与 b 由台账中此环境的晋级拟合得出（Platt 1999）。Brier 分数是只用之前的晋级、并只按当时已知的结果预测每一次晋级时的均方误差；前 40 次只用于预测。它不会阻止任何操作。</translation>
    </message>
</context>
<context>
    <name>Router</name>
    <message>
        <source>Service selector</source>
        <translation>Service 选择算符</translation>
    </message>
</context>
<context>
    <name>Run</name>
    <message>
        <source>not started</source>
        <translation>未开始</translation>
    </message>
    <message>
        <source>queued</source>
        <translation>排队中</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>waiting for people</source>
        <translation>等待人工</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>unstable</source>
        <translation>不稳定</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>未通过</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>skipped</source>
        <translation>已跳过</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>push</source>
        <translation>推送</translation>
    </message>
    <message>
        <source>tag</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>pull request</source>
        <translation>拉取请求</translation>
    </message>
    <message>
        <source>schedule</source>
        <translation>定时</translation>
    </message>
    <message>
        <source>schedule %1</source>
        <translation>定时 %1</translation>
    </message>
    <message>
        <source>manual</source>
        <translation>手动</translation>
    </message>
    <message>
        <source>API</source>
        <translation>API</translation>
    </message>
    <message>
        <source>upstream</source>
        <translation>上游</translation>
    </message>
    <message>
        <source>by %1</source>
        <translation>出自 %1</translation>
    </message>
    <message>
        <source>%1 by %2</source>
        <translation>%1（%2）</translation>
    </message>
</context>
<context>
    <name>RunHistory</name>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 m</source>
        <translation>%1 分</translation>
    </message>
    <message>
        <source>%1 m %2 s</source>
        <translation>%1 分 %2 秒</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 小时</translation>
    </message>
    <message>
        <source>%1 h %2 m</source>
        <translation>%1 小时 %2 分</translation>
    </message>
    <message>
        <source>%1 longer than usual</source>
        <translation>比平常久 %1</translation>
    </message>
    <message>
        <source>longer than usual</source>
        <translation>比平常久</translation>
    </message>
    <message>
        <source>about %1 left</source>
        <translation>约剩 %1</translation>
    </message>
    <message>
        <source>a few seconds left</source>
        <translation>还剩几秒</translation>
    </message>
    <message>
        <source>waited %1 for people</source>
        <translation>等待人员 %1</translation>
    </message>
    <message>
        <source>stood still for %1</source>
        <translation>停滞 %1</translation>
    </message>
</context>
<context>
    <name>Sandbox</name>
    <message>
        <source>The sandbox could not make its TLS certificate. Look whether OpenSSL is installed completely and try again.</source>
        <translation>沙箱无法生成 TLS 证书。请检查 OpenSSL 是否安装完整，然后重试。</translation>
    </message>
    <message>
        <source>The sandbox got no random numbers for its access token. Try again.</source>
        <translation>沙箱无法取得用于访问令牌的随机数。请重试。</translation>
    </message>
    <message>
        <source>The sandbox could not open a port on 127.0.0.1. Look whether a firewall or a sandbox of the system forbids programs to listen there.</source>
        <translation>沙箱无法在 127.0.0.1 上打开端口。请检查防火墙或系统沙箱是否禁止程序在此监听。</translation>
    </message>
    <message>
        <source>Practice world</source>
        <translation>练习世界</translation>
    </message>
    <message>
        <source>The practice world needs a folder for its kubeconfig, and none could be made below %1: %2. Check the rights and the free space there.</source>
        <translation>练习世界需要一个文件夹存放 kubeconfig，但无法在 %1 下创建：%2。请检查该处的权限和剩余空间。</translation>
    </message>
    <message>
        <source>%1 of the practice world could not be written: %2. Check the free space there.</source>
        <translation>无法写入练习世界的 %1：%2。请检查剩余空间。</translation>
    </message>
    <message>
        <source>%1 does not describe a practice world: %2.</source>
        <translation>%1 没有描述练习世界：%2。</translation>
    </message>
    <message>
        <source>%1 does not tell a practice story: %2.</source>
        <translation>%1 没有讲述练习故事：%2。</translation>
    </message>
    <message>
        <source>%1 does not describe the practice world&apos;s pipelines: %2.</source>
        <translation>%1 没有描述练习世界的流水线：%2。</translation>
    </message>
</context>
<context>
    <name>ScreenHelp</name>
    <message>
        <source>A track, always named as well as coloured; its share of live traffic is the length of its bar.</source>
        <translation>轨道：总是既标名称又着色；条形长度表示其占线上流量的比例。</translation>
    </message>
    <message>
        <source>Every application in every environment: the version that gets the traffic, since when, and how it is. Below stands what needs attention now, and the traffic of the last environment. Nothing here is older than the line at the bottom says.</source>
        <translation>所有环境中的所有应用：接收流量的版本、上线时长及其状况。下方是现在需要关注的内容，以及最后一个环境的流量。这里的数据都不会比底部状态栏所示的更旧。</translation>
    </message>
    <message>
        <source>All pods that should be are ready.</source>
        <translation>应有的 Pod 全部就绪。</translation>
    </message>
    <message>
        <source>Something moves: a roll-out, or traffic between two tracks.</source>
        <translation>正在变化：滚动发布，或流量在两个轨道之间移动。</translation>
    </message>
    <message>
        <source>Works, but not as it should: the second line says why.</source>
        <translation>可以工作，但不正常：原因见第二行。</translation>
    </message>
    <message>
        <source>Failing. Enter opens its way back.</source>
        <translation>故障。按 Enter 打开其退路。</translation>
    </message>
    <message>
        <source>Waits for people.</source>
        <translation>等待人工处理。</translation>
    </message>
    <message>
        <source>Not there, or not started.</source>
        <translation>不存在，或未开始。</translation>
    </message>
    <message>
        <source>Cannot be told: the source was not heard.</source>
        <translation>无法判断：没有收到来源的消息。</translation>
    </message>
    <message>
        <source>way back</source>
        <translation>退路</translation>
    </message>
    <message>
        <source>The light of the way back: rehearsed, and it would work. ▲ with a reservation, ✖ not, ◌ not known. Its tool tip says why.</source>
        <translation>退路指示灯：已演练且可行。▲ 有保留，✖ 不可行，◌ 未知。原因见工具提示。</translation>
    </message>
    <message>
        <source>How live traffic is divided between the tracks of one application, and the lever that moves it. Choose a share, or steps with a wait after each; the plan, its checks and the very call that will be sent are shown before anything happens. Hold the button to do it; All back is always at its right.</source>
        <translation>一个应用的线上流量如何在各轨道之间分配，以及移动流量的操作。选择一个占比，或分步进行并在每步之后等待；计划、检查项和将要发送的调用会在执行之前全部显示。长按按钮执行；“全部切回”始终在其右侧。</translation>
    </message>
    <message>
        <source>The track that traffic is to be moved to stands at the right of the bar. The dashed line is what is live, the handle what is wanted.</source>
        <translation>流量要移往的轨道位于条形右侧。虚线表示当前值，手柄表示目标值。</translation>
    </message>
    <message>
        <source>A check that passed.</source>
        <translation>已通过的检查。</translation>
    </message>
    <message>
        <source>A check that warns: it can be done all the same.</source>
        <translation>发出警告的检查：仍可执行。</translation>
    </message>
    <message>
        <source>A check that blocks, with the way out.</source>
        <translation>阻断执行的检查，并附解决办法。</translation>
    </message>
    <message>
        <source>Nothing confirms it: written is not yet in force.</source>
        <translation>没有信息确认：已写入不等于已生效。</translation>
    </message>
    <message>
        <source>In Next change: what goes, what comes. It is written only if the object is still the one shown.</source>
        <translation>在“下一步变更”中：删除什么、增加什么。仅当对象仍与所显示的一致时才会写入。</translation>
    </message>
    <message>
        <source>Where one can go back to, the best choice first, and what going back would do: its steps, checks and the difference. The plan was tried by the server&apos;s own dry run. Hold the button for 0.4 s; done means that the effect was observed. Going back is never blocked by what only warns.</source>
        <translation>可以回到哪些版本（最佳选择在前），以及回退会做什么：步骤、检查项和差异。该计划已由服务器试运行。长按按钮 0.4 秒；“完成”表示已观察到效果。仅有警告时绝不会阻止回退。</translation>
    </message>
    <message>
        <source>The newest version that was healthy and is ready.</source>
        <translation>曾经健康且就绪的最新版本。</translation>
    </message>
    <message>
        <source>The way back is ready: rehearsed with a dry run.</source>
        <translation>退路就绪：已通过试运行演练。</translation>
    </message>
    <message>
        <source>It would work, but: the line below says what to know.</source>
        <translation>可行，但有需要注意之处：见下一行。</translation>
    </message>
    <message>
        <source>It would not work, and what to mend.</source>
        <translation>不可行，并说明需要修复什么。</translation>
    </message>
    <message>
        <source>The pods of one cluster, live: a square each, grouped by node, namespace or workload. Below stand the workloads and the events; a chosen pod shows its containers and its log, followed as it grows.</source>
        <translation>一个集群的 Pod，实时显示：每个 Pod 一个方块，按节点、命名空间或工作负载分组。下方是工作负载和事件；选中的 Pod 会显示其容器和持续跟随的日志。</translation>
    </message>
    <message>
        <source>Ready. The brighter, the more it works, where usage is measured.</source>
        <translation>就绪。在有用量数据时，越亮表示负载越高。</translation>
    </message>
    <message>
        <source>Starting, or on its way out.</source>
        <translation>启动中，或正在退出。</translation>
    </message>
    <message>
        <source>Not ready, or restarted.</source>
        <translation>未就绪，或曾重启。</translation>
    </message>
    <message>
        <source>Failing: crash loop, image that cannot be pulled, out of memory.</source>
        <translation>故障：反复崩溃、镜像无法拉取、内存耗尽。</translation>
    </message>
    <message>
        <source>Its node is not heard.</source>
        <translation>没有收到其节点的消息。</translation>
    </message>
    <message>
        <source>What can be done with a workload: restart, scale, pause. What cannot be done says why.</source>
        <translation>可对工作负载执行的操作：重启、扩缩、暂停。不能执行的会说明原因。</translation>
    </message>
    <message>
        <source>What the metric source knows of one application, one chart a question, all over the same time. Charts are found by themselves; queries of your own can be added and are kept.</source>
        <translation>指标来源对一个应用所知的内容，每个问题一张图表，共用同一时间轴。图表会自动发现；也可添加并保存自己的查询。</translation>
    </message>
    <message>
        <source>marker</source>
        <translation>标记</translation>
    </message>
    <message>
        <source>A dashed upright line: a roll-out or an operation, named at its top.</source>
        <translation>竖直虚线：滚动发布或操作，名称标在顶端。</translation>
    </message>
    <message>
        <source>limit</source>
        <translation>阈值</translation>
    </message>
    <message>
        <source>A dashed level line: the limit that the panel names.</source>
        <translation>水平虚线：面板设定的阈值。</translation>
    </message>
    <message>
        <source>Stale: drawn from what was heard last, and greyed.</source>
        <translation>数据陈旧：按最后收到的数据绘制，并变灰。</translation>
    </message>
    <message>
        <source>no data</source>
        <translation>无数据</translation>
    </message>
    <message>
        <source>The source has no samples. It is never taken for zero.</source>
        <translation>来源没有样本。绝不会当作零。</translation>
    </message>
    <message>
        <source>Not tried yet.</source>
        <translation>尚未尝试。</translation>
    </message>
    <message>
        <source>Under way: act as you would in earnest.</source>
        <translation>进行中：请像实战一样操作。</translation>
    </message>
    <message>
        <source>Restored.</source>
        <translation>已恢复。</translation>
    </message>
    <message>
        <source>Not restored in time, or made worse.</source>
        <translation>没有及时恢复，或情况恶化。</translation>
    </message>
    <message>
        <source>Restored, with something to learn.</source>
        <translation>已恢复，但有可改进之处。</translation>
    </message>
    <message>
        <source>The remote systems that this window works on: clusters by the contexts of your kubeconfig, metric sources by their address. Each is tested step by step before it is added. Credentials stay where they are; the workspace file names only where to find them.</source>
        <translation>此窗口操作的远端系统：集群来自 kubeconfig 的上下文，指标来源按地址添加。每个都会在添加前逐步测试。凭据留在原处；工作区文件只记录其位置。</translation>
    </message>
    <message>
        <source>Live: changes arrive as they happen.</source>
        <translation>实时：变更随时到达。</translation>
    </message>
    <message>
        <source>Being read for the first time, or a step of a test under way.</source>
        <translation>正在首次读取，或某个测试步骤正在进行。</translation>
    </message>
    <message>
        <source>Stale: not heard for the time it says; it is tried again by itself.</source>
        <translation>数据陈旧：在所示的时长内没有收到消息；会自动重试。</translation>
    </message>
    <message>
        <source>Cannot be used: the sentence says what, and what to do.</source>
        <translation>无法使用：说明文字会指出原因和处理办法。</translation>
    </message>
    <message>
        <source>A step of a test that comes later.</source>
        <translation>稍后进行的测试步骤。</translation>
    </message>
    <message>
        <source>How this window looks and behaves for you: theme, motion, time zone, how often metrics are asked, whether a question stands in for holding a key. Changes take effect at once and are kept on this machine; nothing here changes a cluster.</source>
        <translation>此窗口的外观和行为：主题、动效、时区、指标查询间隔、是否以询问代替长按。更改立即生效并保存在本机；这里的任何设置都不会改变集群。</translation>
    </message>
    <message>
        <source>Follows the desktop, while the program runs as well.</source>
        <translation>跟随桌面，程序运行时也会跟随。</translation>
    </message>
    <message>
        <source>For screen readers and remote desktops, where a key cannot be held: going on takes the application&apos;s name, going back one question.</source>
        <translation>用于无法长按按键的屏幕阅读器和远程桌面：前进操作需输入应用名称，回退只问一个问题。</translation>
    </message>
    <message>
        <source>A check that passes; in the path: this release runs there.</source>
        <translation>已通过的检查；在路径中：此版本在那里运行。</translation>
    </message>
    <message>
        <source>Waits for people or for time: the line says for whom, or how long.</source>
        <translation>等待人员或时间：该行说明等谁，或等多久。</translation>
    </message>
    <message>
        <source>Not known, hence not passed.</source>
        <translation>未知，因此未通过。</translation>
    </message>
    <message>
        <source>Stands against it, with the way out. In the list: rejected, or it did not work.</source>
        <translation>有阻碍，并附解决办法。在列表中：已驳回，或未成功。</translation>
    </message>
    <message>
        <source>Under way.</source>
        <translation>进行中。</translation>
    </message>
    <message>
        <source>RISK 0.18</source>
        <translation>风险 0.18</translation>
    </message>
    <message>
        <source>Of a hundred promotions like this one 18 failed here. A figure to look at, never a gate; its reasons stand under Risk.</source>
        <translation>这里一百次类似的晋级中有 18 次失败。这是供参考的数字，绝不是门禁；其原因列在“风险”下。</translation>
    </message>
    <message>
        <source>What goes, what comes: in the cluster, and in the files.</source>
        <translation>去掉什么，带来什么：在集群中，以及在文件中。</translation>
    </message>
    <message>
        <source>The signed record of what was asked, approved, done and seen. Every entry is judged: its signature, who might sign at that time and as what, and that nothing was changed, removed or slipped in. Choose a stretch of the time line, an application, a person or a kind; Enter reads an entry and leads to what belongs to it. The DORA figures are counted from proven entries alone.</source>
        <translation>关于申请、批准、执行和所见的签名记录。每个条目都会受到判定：其签名、当时谁可以签名及以何种身份，以及没有任何内容被更改、移除或插入。请选择时间线上的一段、应用、人员或类型；按 Enter 阅读条目，并可前往相关内容。DORA 数字仅依据已证明的条目计算。</translation>
    </message>
    <message>
        <source>Proven: signed by who might, and in its place.</source>
        <translation>已证明：由有权者签名，且位置正确。</translation>
    </message>
    <message>
        <source>A change of the policy that waits for a second admin; not in force.</source>
        <translation>等待第二位管理员的策略变更；尚未生效。</translation>
    </message>
    <message>
        <source>Not signed: from before the ledger was; nothing proves who wrote it.</source>
        <translation>未签名：早于台账启用签名；无法证明由谁所写。</translation>
    </message>
    <message>
        <source>Not to be trusted; the second line says why.</source>
        <translation>不可信；第二行说明原因。</translation>
    </message>
    <message>
        <source>Listed already, but not checked yet.</source>
        <translation>已列出，但尚未检查。</translation>
    </message>
    <message>
        <source>Releases that wait to go on, what each would change, and what the policy says to it. Approving and rejecting are signed with your key, bound to exactly the digest that is shown, and kept in the ledger. Hold the button to do it. Nothing can be decided on what is not live: each promotion says which place that is. What you ask for can start by itself once it is approved, while this window is open, as exactly the plan that you saw.</source>
        <translation>等待继续的版本、各自会改变什么，以及策略怎么说。批准和驳回用你的密钥签名，与所显示的摘要严格绑定，并保存在台账中。长按按钮来执行。数据不实时就不能作决定：每个晋级都会说明是哪一处。你申请的晋级可以在获批后、此窗口打开期间自动启动，执行的正是你看到的计划。</translation>
    </message>
    <message>
        <source>Every run of every pipeline, whoever&apos;s server it is, newest first. The chosen one shows its stages as what needs what, each with its time; below stand these times against earlier runs, its tests with new failures first, and the log of the chosen stage, followed as it grows. Cancel, Rerun and Trigger show their plan before anything is sent, and are done when the server itself says so.</source>
        <translation>所有流水线的所有运行，不论在哪台服务器上，最新的在前。所选运行以依赖关系显示其阶段及各自用时；下方是与以往运行对比的用时、测试（新失败在前），以及所选阶段的日志，随其增长而跟随。取消、重新运行和触发会在发送任何内容之前显示其计划，并在服务器自己确认后才算完成。</translation>
    </message>
    <message>
        <source>Passed.</source>
        <translation>通过。</translation>
    </message>
    <message>
        <source>Runs, or waits for a machine.</source>
        <translation>正在运行，或在等待机器。</translation>
    </message>
    <message>
        <source>Waits for people: a gate.</source>
        <translation>等待人工：门禁。</translation>
    </message>
    <message>
        <source>Passed with failures that are allowed; of a time: much longer than usual.</source>
        <translation>通过，但有允许的失败；对于用时：比平常长得多。</translation>
    </message>
    <message>
        <source>Failed.</source>
        <translation>失败。</translation>
    </message>
    <message>
        <source>Not started, or left out. A grey square: cancelled.</source>
        <translation>未开始，或被跳过。灰色方块：已取消。</translation>
    </message>
    <message>
        <source>The server says a word that this version does not know.</source>
        <translation>服务器给出了此版本不认识的词。</translation>
    </message>
    <message>
        <source>flaky</source>
        <translation>不稳定</translation>
    </message>
    <message>
        <source>A test that passed and failed on one commit, or keeps changing.</source>
        <translation>在同一提交上既通过又失败、或结果反复变化的测试。</translation>
    </message>
    <message>
        <source>Gates at vendors</source>
        <translation>供应商的门禁</translation>
    </message>
    <message>
        <source>Runs that wait there for people. Enter opens one: approve or reject, once the policy lets exactly its commit through.</source>
        <translation>在那里等待人工处理的运行。按 Enter 打开：策略放行该提交后即可批准或驳回。</translation>
    </message>
    <message>
        <source>Gates</source>
        <translation>门禁</translation>
    </message>
    <message>
        <source>A run that waits at one is decided on Promotions, under Gates at vendors: approved or rejected there, with a plan, and pressed at the vendor.</source>
        <translation>在门禁处等待的运行在“晋级”的“供应商的门禁”中决定:在那里按计划批准或驳回,并在供应商处执行。</translation>
    </message>
    <message>
        <source>Practice for the day it goes wrong, in the practice world: a fault is injected, the clock runs from the first bad sample, and the debrief shows when the metrics first showed it, what you did, and what a faster path was. Nothing real is touched.</source>
        <translation>为出问题的那一天而练习，在练习世界中进行：注入故障，从第一个异常样本开始计时，复盘会显示指标何时首次显示出来、你做了什么，以及更快的路径。不会触及任何真实系统。</translation>
    </message>
    <message>
        <source>On a chart: over the limit of its panel. Where that has none, the limit is three times the figure of the track that has had traffic for longest, and of errors at least one point more. Half the way there is worth a look.</source>
        <translation>图表上：超过该面板的阈值。面板没有阈值时，阈值为承接流量最久的轨道数值的三倍，错误率则至少高出一个百分点。走到一半即需留意。</translation>
    </message>
    <message>
        <source>What gets live traffic now; red where it fails.</source>
        <translation>当前承接线上流量的版本；出故障时为红色。</translation>
    </message>
    <message>
        <source>In the red band: the time since the first bad sample, or since the failure was first seen.</source>
        <translation>红色横幅中：自首个异常采样或首次发现故障以来的时间。</translation>
    </message>
    <message>
        <source>So many commits it is ahead of what the next environment runs; ◂ behind, = the same.</source>
        <translation>比下一个环境所运行的领先这么多次提交；◂ 为落后，= 为相同。</translation>
    </message>
    <message>
        <source>key figures</source>
        <translation>关键指标</translation>
    </message>
    <message>
        <source>Counted from proven entries of the ledger. Enter on one leads to how it is counted.</source>
        <translation>由台账中经过验证的条目算出。在其上按 Enter 可查看计算方法。</translation>
    </message>
    <message>
        <source>attempt 1 of 2</source>
        <translation>第 1 次，共 2 次</translation>
    </message>
    <message>
        <source>A run that was run again: the button chooses which attempt is shown. An earlier one is shown as it ended, and nothing can be done with it; choose the newest to act.</source>
        <translation>重新运行过的运行：用此按钮选择显示哪一次尝试。较早的尝试按其结束时的样子显示，不能对其操作；要操作请选择最新一次。</translation>
    </message>
    <message>
        <source>Break glass</source>
        <translation>破窗</translation>
    </message>
    <message>
        <source>Under More, for whom the policy lets: act alone, with a reason, on exactly the digest that is shown. Others have to countersign it in time.</source>
        <translation>在“更多”中，供策略允许的人使用：附上理由，单独对所显示的摘要采取行动。其他人须按时会签。</translation>
    </message>
    <message>
        <source>too few</source>
        <translation>太少</translation>
    </message>
    <message>
        <source>On a chart: so few requests in the last five minutes that a single failed one would be over the limit. It is no pass.</source>
        <translation>在图表上：最近五分钟的请求太少，仅一个失败就会超过限值。这不算通过。</translation>
    </message>
    <message>
        <source>Break glass...</source>
        <translation>破窗…</translation>
    </message>
    <message>
        <source>Offered where a freeze, a hold, a window or an alert stops what cannot wait, to whom the policy lets: act alone, with a reason, on what runs there. Others have to countersign it. Going back never needs it.</source>
        <translation>当冻结、搁置、时间窗口或告警阻止了不能等待的操作时，向策略允许的人提供：附上理由，单独对那里所运行的版本采取行动。其他人须会签。回滚从不需要它。</translation>
    </message>
</context>
<context>
    <name>SecretReference</name>
    <message>
        <source>env: takes the name of an environment variable, for example env:PROMETHEUS_TOKEN.</source>
        <translation>env: 后接环境变量名，例如 env:PROMETHEUS_TOKEN。</translation>
    </message>
    <message>
        <source>file: takes a path, for example file:~/.secrets/prometheus.</source>
        <translation>file: 后接路径，例如 file:~/.secrets/prometheus。</translation>
    </message>
    <message>
        <source>keychain: takes SERVICE/ACCOUNT or ACCOUNT, for example keychain:prometheus/ann.</source>
        <translation>keychain: 后接 SERVICE/ACCOUNT 或 ACCOUNT，例如 keychain:prometheus/ann。</translation>
    </message>
    <message>
        <source>vault: references come with a later version; use keychain:, env: or file: until then.</source>
        <translation>vault: 引用将在以后的版本中支持；目前请使用 keychain:、env: 或 file:。</translation>
    </message>
    <message>
        <source>This is no reference to a secret but a literal text. A secret does not belong into this file: keep it in the keychain, a variable or a file of its own and write keychain:SERVICE/ACCOUNT, env:NAME or file:PATH here.</source>
        <translation>这不是密文引用，而是明文。密文不应写在此文件中：请将其保存在钥匙串、环境变量或单独的文件中，此处填写 keychain:SERVICE/ACCOUNT、env:NAME 或 file:PATH。</translation>
    </message>
</context>
<context>
    <name>Sources</name>
    <message>
        <source>The CA file %1 cannot be read: %2.</source>
        <translation>CA 文件 %1 无法读取：%2。</translation>
    </message>
    <message>
        <source>The CA file %1 holds no certificate in PEM form (&quot;-----BEGIN CERTIFICATE-----&quot;).</source>
        <translation>CA 文件 %1 中没有 PEM 格式的证书（“-----BEGIN CERTIFICATE-----”）。</translation>
    </message>
    <message>
        <source>%1 has no kubernetes connection, hence none named &quot;%2&quot;.</source>
        <translation>%1 中没有 kubernetes 连接，因此也没有名为“%2”的连接。</translation>
    </message>
    <message>
        <source>%1 has no kubernetes connection &quot;%2&quot;. There are: %3.</source>
        <translation>%1 中没有 kubernetes 连接“%2”。现有：%3。</translation>
    </message>
    <message>
        <source>--demo is a world of its own: leave out -w and --kubeconfig, or --demo.</source>
        <translation>--demo 是独立的世界：请去掉 -w 和 --kubeconfig，或去掉 --demo。</translation>
    </message>
    <message>
        <source>-w and --kubeconfig exclude each other: a workspace names its kubeconfig files itself.</source>
        <translation>-w 与 --kubeconfig 不能同时使用：工作区文件自己会指定 kubeconfig。</translation>
    </message>
    <message>
        <source>The practice world has not been started.</source>
        <translation>练习世界尚未启动。</translation>
    </message>
    <message>
        <source>There is no kubeconfig file %1. Check the path.</source>
        <translation>没有 kubeconfig 文件 %1。请检查路径。</translation>
    </message>
    <message>
        <source>%1:%2: connection %3: there is no kubeconfig file %4.</source>
        <translation>%1:%2：连接 %3：没有 kubeconfig 文件 %4。</translation>
    </message>
    <message>
        <source>%1:%2: repository %3: %4</source>
        <translation>%1:%2：代码仓库 %3：%4</translation>
    </message>
    <message>
        <source>%1:%2: registry %3: %4</source>
        <translation>%1:%2：镜像仓库 %3：%4</translation>
    </message>
    <message>
        <source>--demo has metrics of its own: leave out --prometheus, or --demo.</source>
        <translation>--demo 自带指标：请去掉 --prometheus 或 --demo。</translation>
    </message>
    <message>
        <source>-w and --prometheus exclude each other: a workspace names its metric sources itself.</source>
        <translation>-w 与 --prometheus 互斥：工作区自己列出其指标来源。</translation>
    </message>
    <message>
        <source>--prometheus: the address holds a user name or password. Take it out; a workspace can name where a credential comes from.</source>
        <translation>--prometheus：地址中含有用户名或密码。请去掉；工作区可以指明凭据的来源。</translation>
    </message>
    <message>
        <source>--prometheus: &quot;%1&quot; is no address of a Prometheus: expected one that begins with http:// or https://, without &quot;?&quot; and &quot;#&quot;, for example http://127.0.0.1:9090.</source>
        <translation>--prometheus：“%1”不是 Prometheus 的地址：应以 http:// 或 https:// 开头，不含“?”和“#”，例如 http://127.0.0.1:9090。</translation>
    </message>
</context>
<context>
    <name>Span</name>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 分钟</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 小时</translation>
    </message>
    <message>
        <source>%1 d</source>
        <translation>%1 天</translation>
    </message>
    <message>
        <source>d MMM</source>
        <extracomment>A date without the year, in the format of QDateTime::toString().</extracomment>
        <translation>M月d日</translation>
    </message>
</context>
<context>
    <name>SshAgent</name>
    <message>
        <source>What answers at %1 does not speak the ssh-agent protocol. Check SSH_AUTH_SOCK.</source>
        <translation>在 %1 响应的程序不使用 ssh-agent 协议。请检查 SSH_AUTH_SOCK。</translation>
    </message>
    <message>
        <source>The agent at %1 offers no key that can sign a ledger: it is empty or locked. Add one with ssh-add, or unlock it with ssh-add -X.</source>
        <translation>%1 的 ssh-agent 没有可为台账签名的密钥：它是空的或已锁定。请用 ssh-add 添加一把，或用 ssh-add -X 解锁。</translation>
    </message>
    <message>
        <source>The agent at %1 has no key &quot;%2&quot;. It has %3.</source>
        <translation>%1 的 ssh-agent 没有密钥“%2”。它有 %3。</translation>
    </message>
    <message>
        <source>The agent at %1 has several keys that fit: %2. Name one by its fingerprint.</source>
        <translation>%1 的 ssh-agent 有多把符合的密钥：%2。请用指纹指定其中一把。</translation>
    </message>
    <message>
        <source>No ssh-agent answers at %1: %2. Start one (eval &quot;$(ssh-agent)&quot;; ssh-add), or sign with a key file or the keychain.</source>
        <translation>%1 没有 ssh-agent 响应：%2。请启动一个（eval &quot;$(ssh-agent)&quot;; ssh-add），或用密钥文件或钥匙串签名。</translation>
    </message>
    <message>
        <source>The ssh-agent at %1 did not answer in time.</source>
        <translation>%1 的 ssh-agent 没有及时响应。</translation>
    </message>
    <message>
        <source>The ssh-agent at %1 ended the connection without an answer. Look at its log and try again.</source>
        <translation>%1 的 ssh-agent 未响应就断开了连接。请查看其日志后重试。</translation>
    </message>
    <message>
        <source>No ssh-agent runs here: SSH_AUTH_SOCK is not set. Start one (eval &quot;$(ssh-agent)&quot;; ssh-add), or sign with a key file or the keychain.</source>
        <translation>这里没有运行 ssh-agent：未设置 SSH_AUTH_SOCK。请启动一个（eval &quot;$(ssh-agent)&quot;; ssh-add），或用密钥文件或钥匙串签名。</translation>
    </message>
    <message>
        <source>The ssh-agent at %1 does not tell its keys.</source>
        <translation>%1 的 ssh-agent 没有给出其密钥。</translation>
    </message>
    <message>
        <source>The security key was not touched within %1 s; nothing was signed. Try again and touch it when it blinks.</source>
        <translation>在 %1 秒内没有触碰安全密钥；未签名任何内容。请重试，并在它闪烁时触碰。</translation>
    </message>
    <message>
        <source>The ssh-agent at %1 did not sign within %2 s. It may be waiting for somebody to confirm: look for its window and try again.</source>
        <translation>%1 的 ssh-agent 在 %2 秒内没有签名。它可能在等待某人确认：请找到其窗口后重试。</translation>
    </message>
    <message>
        <source>The ssh-agent at %1 does not have the key %2: it was removed, or the agent is locked. Add it with ssh-add, or unlock it with ssh-add -X.</source>
        <translation>%1 的 ssh-agent 没有密钥 %2：它已被移除，或 ssh-agent 已锁定。请用 ssh-add 添加，或用 ssh-add -X 解锁。</translation>
    </message>
    <message>
        <source>The ssh-agent refused to sign with the security key %1: it is not plugged in, was not touched, or its PIN was not given.</source>
        <translation>ssh-agent 拒绝用安全密钥 %1 签名：它没有插入、没有被触碰，或没有提供 PIN。</translation>
    </message>
    <message>
        <source>The ssh-agent at %1 has the key %2 and refused to sign with it: its confirmation was declined, or the key may not be used for this.</source>
        <translation>%1 的 ssh-agent 有密钥 %2，但拒绝用它签名：确认被拒绝，或该密钥不可用于此目的。</translation>
    </message>
    <message>
        <source>%1 in the agent (%2)</source>
        <translation>ssh-agent 中的 %1（%2）</translation>
    </message>
</context>
<context>
    <name>SshKey</name>
    <message>
        <source>The key could not sign: OpenSSL refused its numbers.</source>
        <translation>该密钥无法签名：OpenSSL 拒绝了其数值。</translation>
    </message>
    <message>
        <source>The system gave no random numbers for a new key.</source>
        <translation>系统没有为新密钥提供随机数。</translation>
    </message>
    <message>
        <source>Only Ed25519 keys are kept in the keychain.</source>
        <translation>钥匙串中只保存 Ed25519 密钥。</translation>
    </message>
    <message>
        <source>%1 is no private key that can be read: it should be one that ssh-keygen wrote.</source>
        <translation>%1 不是可以读取的私钥：应为 ssh-keygen 生成的私钥。</translation>
    </message>
    <message>
        <source>The private key %1 is protected by a passphrase. Add it to the agent (ssh-add %1) and sign through the agent.</source>
        <translation>私钥 %1 受口令保护。请将其加入 ssh-agent（ssh-add %1），并通过 ssh-agent 签名。</translation>
    </message>
    <message>
        <source>%1 is only the handle of a key that lives in a security key. Add it to the agent (ssh-add %1) and sign through the agent.</source>
        <translation>%1 只是保存在安全密钥中的密钥的句柄。请将其加入 ssh-agent（ssh-add %1），并通过 ssh-agent 签名。</translation>
    </message>
    <message>
        <source>A key of this kind cannot sign a ledger. Use Ed25519, ECDSA (nistp256, 384, 521) or RSA.</source>
        <translation>此类密钥无法为台账签名。请使用 Ed25519、ECDSA（nistp256、384、521）或 RSA。</translation>
    </message>
    <message>
        <source>This is no OpenSSH public key: its fields do not fit together.</source>
        <translation>这不是 OpenSSH 公钥：其各字段互不相符。</translation>
    </message>
    <message>
        <source>The key is an OpenSSH certificate (%1). Certificates are not accepted in a ledger: list the person&apos;s own key in allowed_signers.</source>
        <translation>该密钥是 OpenSSH 证书（%1）。台账中不接受证书：请在 allowed_signers 中列出该人员自己的密钥。</translation>
    </message>
    <message>
        <source>Keys of the type %1 are not accepted. Use ssh-ed25519, ecdsa-sha2-nistp256, -nistp384 or -nistp521, ssh-rsa with rsa-sha2 signatures, or one of the sk- types of security keys.</source>
        <translation>不接受 %1 类型的密钥。请使用 ssh-ed25519、ecdsa-sha2-nistp256、-nistp384 或 -nistp521、带 rsa-sha2 签名的 ssh-rsa，或安全密钥的某种 sk- 类型。</translation>
    </message>
    <message>
        <source>An RSA key of %1 bits is not accepted: it should have 2048 to 16384.</source>
        <translation>不接受 %1 位的 RSA 密钥：应为 2048 到 16384 位。</translation>
    </message>
    <message>
        <source>This is no line of a public key: it should read TYPE KEY, for example &quot;ssh-ed25519 AAAA...&quot;.</source>
        <translation>这不是公钥行：应写作 TYPE KEY，例如“ssh-ed25519 AAAA...”。</translation>
    </message>
    <message>
        <source>The key after &quot;%1&quot; is not base64.</source>
        <translation>“%1”之后的密钥不是 base64。</translation>
    </message>
    <message>
        <source>The line says %1, but the key in it is of the type %2.</source>
        <translation>该行写的是 %1，但其中的密钥是 %2 类型。</translation>
    </message>
</context>
<context>
    <name>SshSignature</name>
    <message>
        <source>The signature is broken: its fields do not fit together.</source>
        <translation>该签名已损坏：其各字段互不相符。</translation>
    </message>
    <message>
        <source>The signature was made with ssh-rsa, which uses SHA-1 and can be forged. Sign with rsa-sha2-512 (OpenSSH 7.2 or later does) or another kind of key.</source>
        <translation>该签名使用 ssh-rsa 生成，它使用 SHA-1，可以伪造。请用 rsa-sha2-512（OpenSSH 7.2 及更高版本会如此）或其他类型的密钥签名。</translation>
    </message>
    <message>
        <source>The signature&apos;s algorithm %1 is not one for a key of the type %2.</source>
        <translation>该签名的算法 %1 不适用于 %2 类型的密钥。</translation>
    </message>
    <message>
        <source>The signature is far too long to be one.</source>
        <translation>该签名过长，不可能是签名。</translation>
    </message>
    <message>
        <source>The signature is one of OpenPGP. A ledger is signed with SSH keys; set &quot;git config gpg.format ssh&quot; where it was made.</source>
        <translation>该签名是 OpenPGP 签名。台账使用 SSH 密钥签名；请在生成签名的机器上设置“git config gpg.format ssh”。</translation>
    </message>
    <message>
        <source>The signature does not begin with %1.</source>
        <translation>该签名没有以 %1 开头。</translation>
    </message>
    <message>
        <source>The signature does not end with %1.</source>
        <translation>该签名没有以 %1 结尾。</translation>
    </message>
    <message>
        <source>The signature is not base64.</source>
        <translation>该签名不是 base64。</translation>
    </message>
    <message>
        <source>The signature does not begin with SSHSIG.</source>
        <translation>该签名没有以 SSHSIG 开头。</translation>
    </message>
    <message>
        <source>The signature is of the version %1; this program knows version 1 only.</source>
        <translation>该签名是第 %1 版；此程序只认识第 1 版。</translation>
    </message>
    <message>
        <source>The signature names no namespace.</source>
        <translation>该签名没有指明命名空间。</translation>
    </message>
    <message>
        <source>The signature&apos;s hash %1 is not accepted: it should be sha512 or sha256.</source>
        <translation>不接受该签名的哈希 %1：应为 sha512 或 sha256。</translation>
    </message>
</context>
<context>
    <name>SshSigner</name>
    <message>
        <source>There is no key to sign with. Name one as for git: git config --global gpg.format ssh; git config --global user.signingkey ~/.ssh/id_ed25519.pub</source>
        <translation>没有可用于签名的密钥。请像为 git 那样指定一把：git config --global gpg.format ssh; git config --global user.signingkey ~/.ssh/id_ed25519.pub</translation>
    </message>
    <message>
        <source>The private key %1 cannot be read: %2. Check the path, or sign through the agent.</source>
        <translation>私钥 %1 无法读取：%2。请检查路径，或通过 ssh-agent 签名。</translation>
    </message>
    <message>
        <source>The answer of the agent is no valid signature of the key %1; nothing was written. Try again, or sign with another key.</source>
        <translation>ssh-agent 返回的不是密钥 %1 的有效签名；未写入任何内容。请重试，或用另一把密钥签名。</translation>
    </message>
    <message>
        <source>%1 is there already and was left as it is. Use it, or name another place for the new key.</source>
        <translation>%1 已存在，已保持原样。请使用它，或为新密钥指定其他位置。</translation>
    </message>
</context>
<context>
    <name>StageBoxes</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>另有 %n 个</numerusform>
        </translation>
    </message>
    <message>
        <source>Enter shows each of them.</source>
        <translation>按 Enter 逐个显示。</translation>
    </message>
    <message>
        <source>environment %1</source>
        <translation>环境 %1</translation>
    </message>
    <message>
        <source>on %1</source>
        <translation>在 %1 上</translation>
    </message>
    <message>
        <source>needs %1</source>
        <translation>还需 %1 人</translation>
    </message>
    <message>
        <source>needs people</source>
        <translation>等待人工</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>%1 of %2 · %3</source>
        <translation>%1 / %2 · %3</translation>
    </message>
    <message>
        <source>It started run %1: Enter shows its log, once more opens that run.</source>
        <translation>它启动了运行 %1：按 Enter 显示其日志，再按一次打开那次运行。</translation>
    </message>
    <message>
        <source>It started run %1: Enter opens it.</source>
        <translation>它启动了运行 %1：按 Enter 打开。</translation>
    </message>
</context>
<context>
    <name>Time</name>
    <message>
        <source>d MMM yyyy</source>
        <extracomment>A date, in the format of QDateTime::toString().</extracomment>
        <translation>yyyy年M月d日</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>now</source>
        <translation>刚刚</translation>
    </message>
    <message>
        <source>%1 m</source>
        <translation>%1 分钟</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 小时</translation>
    </message>
    <message>
        <source>%1 d</source>
        <translation>%1 天</translation>
    </message>
    <message>
        <source>%1 m %2 s</source>
        <translation>%1 分 %2 秒</translation>
    </message>
    <message>
        <source>%1 h %2 m</source>
        <translation>%1 小时 %2 分</translation>
    </message>
    <message>
        <source>%1 ago</source>
        <translation>%1前</translation>
    </message>
</context>
<context>
    <name>TrackVerdict</name>
    <message>
        <source>pass</source>
        <translation>合格</translation>
    </message>
    <message>
        <source>watch</source>
        <translation>需留意</translation>
    </message>
    <message>
        <source>fail</source>
        <translation>不合格</translation>
    </message>
</context>
<context>
    <name>Traffic</name>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
</context>
<context>
    <name>Travis</name>
    <message>
        <source>Travis CI answered with something that is no %1.</source>
        <translation>Travis CI 的答复不是%1。</translation>
    </message>
    <message>
        <source>it could not be set up (errored)</source>
        <translation>无法完成准备（errored）</translation>
    </message>
    <message>
        <source>build</source>
        <translation>构建</translation>
    </message>
    <message>
        <source>job</source>
        <translation>作业</translation>
    </message>
    <message>
        <source>job %1</source>
        <translation>作业 %1</translation>
    </message>
    <message>
        <source>repository</source>
        <translation>仓库</translation>
    </message>
    <message>
        <source>The repository is switched off at Travis CI.</source>
        <translation>该仓库在 Travis CI 中已停用。</translation>
    </message>
    <message>
        <source>Travis CI does not let this token start builds of %1.</source>
        <translation>Travis CI 不允许此令牌启动 %1 的构建。</translation>
    </message>
    <message>
        <source>build request</source>
        <translation>构建请求</translation>
    </message>
    <message>
        <source>list of builds</source>
        <translation>构建列表</translation>
    </message>
    <message>
        <source>list of jobs</source>
        <translation>作业列表</translation>
    </message>
    <message>
        <source>list of repositories</source>
        <translation>仓库列表</translation>
    </message>
    <message>
        <source>list of crons</source>
        <translation>定时任务列表</translation>
    </message>
    <message>
        <source>list of build requests</source>
        <translation>构建请求列表</translation>
    </message>
    <message>
        <source>Travis CI tells stages: each job waits for all jobs of the stage before its own.</source>
        <translation>Travis CI 提供阶段：每个作业等待前一阶段的所有作业。</translation>
    </message>
    <message>
        <source>Travis CI tells no steps, artifacts, test reports or gates.</source>
        <translation>Travis CI 不提供步骤、制品、测试报告或门禁。</translation>
    </message>
    <message>
        <source>Travis CI does not let this token change builds of %1.</source>
        <translation>Travis CI 不允许此令牌更改 %1 的构建。</translation>
    </message>
    <message>
        <source>It has ended.</source>
        <translation>已经结束。</translation>
    </message>
    <message>
        <source>It has not ended.</source>
        <translation>它尚未结束。</translation>
    </message>
    <message>
        <source>No job failed.</source>
        <translation>没有作业失败。</translation>
    </message>
    <message>
        <source>Travis CI restarts job by job, and shuts out whoever restarts more than %1 at once.</source>
        <translation>Travis CI 逐个重新启动作业，一次超过 %1 个会被其拒之门外。</translation>
    </message>
    <message>
        <source>%1 does not know us: the token is missing, wrong or has expired (%2).</source>
        <translation>%1 不认识我们：令牌缺失、错误或已过期（%2）。</translation>
    </message>
    <message>
        <source>%1 does not let this token: %2. It says: %3.</source>
        <translation>%1 不允许此令牌执行：%2。它说：%3。</translation>
    </message>
    <message>
        <source>%1 starts no more builds of this repository by its API within an hour: try later.</source>
        <translation>%1 在一小时内不再通过 API 启动此仓库的构建：请稍后再试。</translation>
    </message>
    <message>
        <source>%1 starts at most %2 builds of this repository by its API within an hour: try later.</source>
        <translation>%1 每小时最多通过 API 启动此仓库的 %2 次构建：请稍后再试。</translation>
    </message>
    <message>
        <source>The repository is switched off at %1: switch it on there first.</source>
        <translation>该仓库在 %1 中已停用：请先在那里启用。</translation>
    </message>
    <message>
        <source>It runs again already: somebody was faster.</source>
        <translation>它已经在重新运行：有人抢先一步。</translation>
    </message>
    <message>
        <source>It had ended before it could be cancelled.</source>
        <translation>在取消之前它已经结束。</translation>
    </message>
    <message>
        <source>the log of the job %1</source>
        <translation>作业 %1 的日志</translation>
    </message>
    <message>
        <source>There is no log yet.</source>
        <translation>还没有日志。</translation>
    </message>
    <message>
        <source>The job was restarted: its log begins anew.</source>
        <translation>作业已重新启动：日志从头开始。</translation>
    </message>
    <message>
        <source>Read from %1 just now</source>
        <translation>刚刚从 %1 读取</translation>
    </message>
    <message>
        <source>Travis CI does not say what this token may do</source>
        <translation>Travis CI 没有说明此令牌的权限</translation>
    </message>
    <message>
        <source>Travis CI says that this token may</source>
        <translation>Travis CI 表示此令牌有权限</translation>
    </message>
    <message>
        <source>This token may not change builds of %1</source>
        <translation>此令牌不得更改 %1 的构建</translation>
    </message>
    <message>
        <source>Ask who administers the repository for write access.</source>
        <translation>请向仓库管理员申请写权限。</translation>
    </message>
    <message>
        <source>run %1</source>
        <translation>运行 %1</translation>
    </message>
    <message>
        <source>run %1 of %2</source>
        <translation>%2 的运行 %1</translation>
    </message>
    <message>
        <source>Travis CI %1</source>
        <translation>Travis CI %1</translation>
    </message>
    <message>
        <source>Restart %1</source>
        <translation>重新启动%1</translation>
    </message>
    <message>
        <source>only if nobody restarted it since it was read</source>
        <translation>仅当读取之后没有人重新启动它</translation>
    </message>
    <message>
        <source>Restart the job %1 of %2</source>
        <translation>重新启动%2的作业 %1</translation>
    </message>
    <message>
        <source>No job of %1 failed.</source>
        <translation>%1没有作业失败。</translation>
    </message>
    <message>
        <source>a new attempt of %1</source>
        <translation>%1的一次新尝试</translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) run again; their logs begin anew</source>
        <translation>
            <numerusform>%n 个作业重新运行，日志从头开始</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 is there</source>
        <translation>%1 存在</translation>
    </message>
    <message>
        <source>It has ended: %1</source>
        <translation>它已结束：%1</translation>
    </message>
    <message>
        <source>It has not ended: %1</source>
        <translation>它尚未结束：%1</translation>
    </message>
    <message>
        <source>Wait for its end, or cancel it.</source>
        <translation>等待它结束，或取消它。</translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) of %1 stop</source>
        <translation>
            <numerusform>%1 的 %n 个作业停止</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel %1</source>
        <translation>取消 %1</translation>
    </message>
    <message>
        <source>only if it has not ended</source>
        <translation>仅当它尚未结束</translation>
    </message>
    <message>
        <source>There is nothing left to cancel.</source>
        <translation>没有可取消的了。</translation>
    </message>
    <message>
        <source>Travis CI asks for no parameters when a build is started: %1 cannot be passed on.</source>
        <translation>Travis CI 启动构建时不接受参数：%1 无法传递。</translation>
    </message>
    <message>
        <source>A branch of %1 is needed.</source>
        <translation>需要 %1 的一个分支。</translation>
    </message>
    <message>
        <source>a new run of %1</source>
        <translation>%1 的新运行</translation>
    </message>
    <message>
        <source>Travis CI builds the newest commit of %1 in %2</source>
        <translation>Travis CI 构建 %2 中 %1 的最新提交</translation>
    </message>
    <message>
        <source>Started from Signalbox</source>
        <translation>由 Signalbox 启动</translation>
    </message>
    <message>
        <source>Start a run of %1</source>
        <translation>启动 %1 的运行</translation>
    </message>
    <message>
        <source>%1 is there and switched on</source>
        <translation>%1 存在且已启用</translation>
    </message>
    <message>
        <source>Switch the repository on at Travis CI.</source>
        <translation>请在 Travis CI 中启用该仓库。</translation>
    </message>
    <message>
        <source>A run of its own begins</source>
        <translation>开始一次新的运行</translation>
    </message>
    <message>
        <source>the repository %1</source>
        <translation>仓库 %1</translation>
    </message>
    <message>
        <source>the repositories</source>
        <translation>仓库</translation>
    </message>
    <message>
        <source>the crons of %1</source>
        <translation>%1 的定时任务</translation>
    </message>
    <message>
        <source>the builds of %1</source>
        <translation>%1 的构建</translation>
    </message>
    <message>
        <source>the build %1</source>
        <translation>构建 %1</translation>
    </message>
    <message>
        <source>the jobs of the build %1</source>
        <translation>构建 %1 的作业</translation>
    </message>
    <message>
        <source>the job %1</source>
        <translation>作业 %1</translation>
    </message>
    <message>
        <source>the build request %1 of %2</source>
        <translation>%2 的构建请求 %1</translation>
    </message>
    <message>
        <source>the build requests of %1</source>
        <translation>%1 的构建请求</translation>
    </message>
    <message>
        <source>Travis CI has no test reports: what tests said is in the logs of the jobs.</source>
        <translation>Travis CI 没有测试报告：测试结果在作业日志中。</translation>
    </message>
    <message>
        <source>It does not say which run.</source>
        <translation>没有说明是哪次运行。</translation>
    </message>
    <message>
        <source>This step is not one that Travis CI can carry out.</source>
        <translation>Travis CI 无法执行此步骤。</translation>
    </message>
    <message>
        <source>Run %1</source>
        <translation>运行 %1</translation>
    </message>
    <message>
        <source>The job %1 of run %2</source>
        <translation>运行 %2 的作业 %1</translation>
    </message>
    <message>
        <source>run %1 has begun</source>
        <translation>运行 %1 已开始</translation>
    </message>
    <message>
        <source>Travis CI rejected the request</source>
        <translation>Travis CI 拒绝了该请求</translation>
    </message>
    <message>
        <source>it does not say why</source>
        <translation>没有说明原因</translation>
    </message>
    <message>
        <source>accepted; there is no run of %1 yet</source>
        <translation>已接受；%1 还没有运行</translation>
    </message>
    <message>
        <source>Travis CI has no dry run.</source>
        <translation>Travis CI 没有试运行。</translation>
    </message>
    <message>
        <source>%1 had ended before it could be cancelled: %2.</source>
        <translation>%1 在取消之前已经结束：%2。</translation>
    </message>
    <message>
        <source>%1 was restarted by somebody else meanwhile: %2.</source>
        <translation>%1 在此期间已被他人重新启动：%2。</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Travis CI has not acted on it yet</source>
        <translation>Travis CI 尚未处理</translation>
    </message>
    <message>
        <source>Travis CI has a request for a build of %1 that it has not looked at yet: it may be this one.</source>
        <translation>Travis CI 有一个尚未处理的 %1 构建请求：可能就是这一个。</translation>
    </message>
    <message>
        <source>What Travis CI was asked for cannot be taken back: cancel or restart the run instead.</source>
        <translation>对 Travis CI 的请求无法撤回：请改为取消或重新启动该运行。</translation>
    </message>
    <message>
        <source>%1 shuts us out for a while, as it does with whoever asks for too much at once (%2): try later.</source>
        <translation>%1 暂时拒绝我们的请求，它对一次请求过多的人都会如此（%2）：请稍后再试。</translation>
    </message>
    <message>
        <source>%1 has no job %2.</source>
        <translation>%1 没有作业 %2。</translation>
    </message>
    <message>
        <source>%1 of %2 again</source>
        <translation>再次运行 %2 的 %1</translation>
    </message>
    <message>
        <source>It has not run, or not ended: %1</source>
        <translation>它没有运行过，或尚未结束：%1</translation>
    </message>
    <message>
        <source>Wait for its end, or restart the whole run.</source>
        <translation>请等它结束，或重新运行整个运行。</translation>
    </message>
    <message>
        <source>Travis CI sends us elsewhere (%1): the repository may have been moved or renamed.</source>
        <translation>Travis CI 将我们转到别处（%1）：仓库可能已被移动或重命名。</translation>
    </message>
</context>
<context>
    <name>Unit</name>
    <message>
        <source>per second</source>
        <translation>每秒</translation>
    </message>
    <message>
        <source>percent</source>
        <translation>百分比</translation>
    </message>
    <message>
        <source>count</source>
        <translation>个数</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>字节</translation>
    </message>
    <message>
        <source>cores</source>
        <translation>核</translation>
    </message>
</context>
<context>
    <name>Workload</name>
    <message>
        <source>scaled to 0</source>
        <translation>已缩容到 0</translation>
    </message>
    <message>
        <source>paused: %1</source>
        <translation>已暂停：%1</translation>
    </message>
    <message>
        <source>rolling out: %1 / %2 updated</source>
        <translation>滚动发布中：%1 / %2 已更新</translation>
    </message>
    <message>
        <source>rolling out: %1 / %2 updated, %3 ready</source>
        <translation>滚动发布中：%1 / %2 已更新，%3 就绪</translation>
    </message>
    <message>
        <source>%1 / %2 ready</source>
        <translation>%1 / %2 就绪</translation>
    </message>
    <message>
        <source>rolling out: %1</source>
        <translation>滚动发布中：%1</translation>
    </message>
    <message>
        <source>1 pod cannot pull %1</source>
        <translation>1 个 Pod 无法拉取 %1</translation>
    </message>
    <message>
        <source>%1 pods cannot pull %2</source>
        <translation>%1 个 Pod 无法拉取 %2</translation>
    </message>
    <message>
        <source>1 pod crash loops</source>
        <translation>1 个 Pod 反复崩溃</translation>
    </message>
    <message>
        <source>%1 pods crash loop</source>
        <translation>%1 个 Pod 反复崩溃</translation>
    </message>
    <message>
        <source>1 pod fails: %1</source>
        <translation>1 个 Pod 失败：%1</translation>
    </message>
    <message>
        <source>%1 pods fail: %2</source>
        <translation>%1 个 Pod 失败：%2</translation>
    </message>
    <message>
        <source>1 pod cannot be scheduled: %1</source>
        <translation>1 个 Pod 无法调度：%1</translation>
    </message>
    <message>
        <source>%1 pods cannot be scheduled: %2</source>
        <translation>%1 个 Pod 无法调度：%2</translation>
    </message>
    <message>
        <source>waiting for its controller to see the newest change</source>
        <translation>等待控制器处理最新变更</translation>
    </message>
    <message>
        <source>%1 / %2 updated, %3 ready</source>
        <translation>%1 / %2 已更新，%3 就绪</translation>
    </message>
    <message>
        <source>roll-out exceeded its deadline of %1 s: %2</source>
        <translation>滚动发布超过 %1 秒的期限：%2</translation>
    </message>
    <message>
        <source>roll-out exceeded its deadline: %1</source>
        <translation>滚动发布超过期限：%1</translation>
    </message>
    <message>
        <source>its status does not say how many pods it wants</source>
        <translation>其状态没有说明需要多少个 Pod</translation>
    </message>
    <message>
        <source>scaling down: %1 pods left</source>
        <translation>正在缩容：还剩 %1 个 Pod</translation>
    </message>
    <message>
        <source>no node matches</source>
        <translation>没有匹配的节点</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>paused; %1</source>
        <translation>已暂停；%1</translation>
    </message>
</context>
<context>
    <name>Workspace</name>
    <message>
        <source>a map with &quot;version&quot; and &quot;connections&quot;</source>
        <translation>包含 &quot;version&quot; 和 &quot;connections&quot; 的映射</translation>
    </message>
    <message>
        <source>See resources/workspace.schema.json.</source>
        <translation>参见 resources/workspace.schema.json。</translation>
    </message>
    <message>
        <source>... and %1 more.</source>
        <translation>……另有 %1 处。</translation>
    </message>
    <message>
        <source>This version does not know this key; it is kept.</source>
        <translation>此版本不认识该键；它会被保留。</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Write one value, or leave the key out.</source>
        <translation>请填写一个值，或去掉该键。</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>空内容</translation>
    </message>
    <message>
        <source>true or false, without quotes</source>
        <translation>true 或 false，不加引号</translation>
    </message>
    <message>
        <source>a list</source>
        <translation>列表</translation>
    </message>
    <message>
        <source>Begin each entry with &quot;- &quot;.</source>
        <translation>请让每个条目以“- ”开头。</translation>
    </message>
    <message>
        <source>a map</source>
        <translation>映射</translation>
    </message>
    <message>
        <source>Begin the file with &quot;version: 1&quot;.</source>
        <translation>请让文件以“version: 1”开头。</translation>
    </message>
    <message>
        <source>1, without quotes</source>
        <translation>1，不加引号</translation>
    </message>
    <message>
        <source>This version of Signalbox reads version 1 of the file.</source>
        <translation>此版本的 Signalbox 读取该文件的第 1 版格式。</translation>
    </message>
    <message>
        <source>Give each connection a short name of its own.</source>
        <translation>请为每个连接起一个各自的短名称。</translation>
    </message>
    <message>
        <source>letters, digits, dots, dashes and underscores, at most 63</source>
        <translation>字母、数字、点、短横线和下划线，最多 63 个</translation>
    </message>
    <message>
        <source>a name no other connection has</source>
        <translation>与其他连接不同的名称</translation>
    </message>
    <message>
        <source>It is taken in line %1.</source>
        <translation>第 %1 行已使用该名称。</translation>
    </message>
    <message>
        <source>This version knows no other kind.</source>
        <translation>此版本不认识其他类型。</translation>
    </message>
    <message>
        <source>Give the address, for example https://prometheus.example:9090.</source>
        <translation>请填写地址，例如 https://prometheus.example:9090。</translation>
    </message>
    <message>
        <source>The address holds a user name or password. Take it out and name the secret under &quot;auth&quot;.</source>
        <translation>地址中含有用户名或密码。请将其去掉，并在 &quot;auth&quot; 下引用密文。</translation>
    </message>
    <message>
        <source>an address that begins with http:// or https://</source>
        <translation>以 http:// 或 https:// 开头的地址</translation>
    </message>
    <message>
        <source>an address without &quot;?&quot; and &quot;#&quot;</source>
        <translation>不含“?”和“#”的地址</translation>
    </message>
    <message>
        <source>either &quot;bearer&quot; or &quot;basic&quot;</source>
        <translation>&quot;bearer&quot; 或 &quot;basic&quot; 之一</translation>
    </message>
    <message>
        <source>both</source>
        <translation>两者都有</translation>
    </message>
    <message>
        <source>neither</source>
        <translation>两者皆无</translation>
    </message>
    <message>
        <source>For example bearer: env:PROMETHEUS_TOKEN.</source>
        <translation>例如 bearer: env:PROMETHEUS_TOKEN。</translation>
    </message>
    <message>
        <source>Name the user.</source>
        <translation>请指定用户。</translation>
    </message>
    <message>
        <source>a reference to a secret</source>
        <translation>密文引用</translation>
    </message>
    <message>
        <source>Write keychain:SERVICE/ACCOUNT, env:NAME or file:PATH.</source>
        <translation>请填写 keychain:SERVICE/ACCOUNT、env:NAME 或 file:PATH。</translation>
    </message>
    <message>
        <source>Name the application.</source>
        <translation>请指定应用。</translation>
    </message>
    <message>
        <source>Name the environment.</source>
        <translation>请指定环境。</translation>
    </message>
    <message>
        <source>Name its namespace.</source>
        <translation>请指定其命名空间。</translation>
    </message>
    <message>
        <source>Name the cluster it is in.</source>
        <translation>请指定它所在的集群。</translation>
    </message>
    <message>
        <source>the id of a %1 connection of this file</source>
        <translation>此文件中某个 %1 连接的 id</translation>
    </message>
    <message>
        <source>There is none.</source>
        <translation>一个也没有。</translation>
    </message>
    <message>
        <source>There are: %1.</source>
        <translation>现有：%1。</translation>
    </message>
    <message>
        <source>Give each panel a short name of its own.</source>
        <translation>请为每个面板起一个各自的短名称。</translation>
    </message>
    <message>
        <source>Say what the panel shows.</source>
        <translation>请说明该面板显示什么。</translation>
    </message>
    <message>
        <source>Write the query, in PromQL.</source>
        <translation>请用 PromQL 填写查询。</translation>
    </message>
    <message>
        <source>a name no other panel of the same application and connection has</source>
        <translation>与同一应用和连接的其他面板不同的名称</translation>
    </message>
    <message>
        <source>a number, without quotes</source>
        <translation>数字，不加引号</translation>
    </message>
    <message>
        <source>a whole number from 1 to 100</source>
        <translation>1 到 100 的整数</translation>
    </message>
    <message>
        <source>more than the step before (%1)</source>
        <translation>大于前一步（%1）的值</translation>
    </message>
    <message>
        <source>a length of time, for example 90s, 2m or 1h30m</source>
        <translation>时长，例如 90s、2m 或 1h30m</translation>
    </message>
    <message>
        <source>Give each repository a short name of its own.</source>
        <translation>请为每个代码仓库起一个各自的短名称。</translation>
    </message>
    <message>
        <source>a name no other repository has</source>
        <translation>与其他代码仓库不同的名称</translation>
    </message>
    <message>
        <source>Give the address, for example git@git.example.com:team/app.git, or a path.</source>
        <translation>请填写地址，例如 git@git.example.com:team/app.git，或路径。</translation>
    </message>
    <message>
        <source>The address holds a password. Take it out and name the secret under &quot;auth&quot;.</source>
        <translation>地址中含有密码。请将其去掉，并在 &quot;auth&quot; 下引用密文。</translation>
    </message>
    <message>
        <source>For example &quot;SHOP-[0-9]+&quot;.</source>
        <translation>例如 &quot;SHOP-[0-9]+&quot;。</translation>
    </message>
    <message>
        <source>a regular expression</source>
        <translation>正则表达式</translation>
    </message>
    <message>
        <source>&quot;basic&quot; with a user and a password</source>
        <translation>带有用户和密码的 &quot;basic&quot;</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>For example basic: {user: ana, password: env:GIT_TOKEN}.</source>
        <translation>例如 basic: {user: ana, password: env:GIT_TOKEN}。</translation>
    </message>
    <message>
        <source>the id of a repository of this file</source>
        <translation>此文件中某个代码仓库的 id</translation>
    </message>
    <message>
        <source>a key&apos;s fingerprint (SHA256:...) or the line of its .pub file</source>
        <translation>密钥指纹（SHA256:...）或其 .pub 文件中的那一行</translation>
    </message>
    <message>
        <source>&quot;ssh-keygen -l -f KEY.pub&quot; prints the fingerprint; quote a line that holds &quot;: &quot;.</source>
        <translation>“ssh-keygen -l -f KEY.pub”会打印指纹；含有“: ”的行请加引号。</translation>
    </message>
    <message>
        <source>git, agent, agent:KEY, file:PATH or keychain:SERVICE/ACCOUNT</source>
        <translation>git、agent、agent:KEY、file:PATH 或 keychain:SERVICE/ACCOUNT</translation>
    </message>
    <message>
        <source>git is the key that git signs with; KEY is a fingerprint, a comment or a public key.</source>
        <translation>git 是 git 签名所用的密钥；KEY 是指纹、注释或公钥。</translation>
    </message>
    <message>
        <source>Give each registry a short name of its own.</source>
        <translation>请给每个镜像仓库一个各自的短名称。</translation>
    </message>
    <message>
        <source>a name no other registry has</source>
        <translation>一个没有其他镜像仓库使用的名称</translation>
    </message>
    <message>
        <source>Give the address, for example https://registry.example.com.</source>
        <translation>请给出地址，例如 https://registry.example.com。</translation>
    </message>
    <message>
        <source>an address without a path</source>
        <translation>一个不带路径的地址</translation>
    </message>
    <message>
        <source>The images&apos; names are below it.</source>
        <translation>镜像的名称位于其下。</translation>
    </message>
    <message>
        <source>an image with its registry, without tag and digest, as registry.example.com/team/app</source>
        <translation>一个带镜像仓库、不带标签和摘要的镜像，如 registry.example.com/team/app</translation>
    </message>
    <message>
        <source>a length of time of at least 5s, for example 30s, 2m or 1h</source>
        <translation>至少 5s 的时长，例如 30s、2m 或 1h</translation>
    </message>
    <message>
        <source>kubernetes, prometheus, jenkins, github, gitlab or travis</source>
        <translation>kubernetes、prometheus、jenkins、github、gitlab 或 travis</translation>
    </message>
    <message>
        <source>Give the address, for example https://jenkins.example.com.</source>
        <translation>请给出地址，例如 https://jenkins.example.com。</translation>
    </message>
    <message>
        <source>a project as the server names it, for example acme/cart</source>
        <translation>服务器所称的项目，例如 acme/cart</translation>
    </message>
    <message>
        <source>the projects to follow, for example [acme/cart]</source>
        <translation>要跟踪的项目，例如 [acme/cart]</translation>
    </message>
    <message>
        <source>Only a Jenkins may be followed as a whole.</source>
        <translation>只有 Jenkins 可以整体跟踪。</translation>
    </message>
    <message>
        <source>Name the server it is on.</source>
        <translation>请写出它所在的服务器。</translation>
    </message>
    <message>
        <source>Name its project there.</source>
        <translation>请写出它在那里的项目。</translation>
    </message>
    <message>
        <source>the id of a connection to a server with pipelines</source>
        <translation>带流水线的服务器的连接标识</translation>
    </message>
</context>
<context>
    <name>WorkspaceFile</name>
    <message>
        <source>%1 changed while it was read. Try again.</source>
        <translation>%1 在读取过程中被修改。请重试。</translation>
    </message>
    <message>
        <source>%1 cannot be written: %2. It is as it was.</source>
        <translation>%1 无法写入：%2。文件保持原样。</translation>
    </message>
    <message>
        <source>its folder cannot be created</source>
        <translation>无法创建其文件夹</translation>
    </message>
    <message>
        <source>%1 was changed by somebody else since it was read. Nothing was written: look at the change and do yours again.</source>
        <translation>%1 在读取之后被他人修改。没有写入任何内容：请查看该修改，然后重新进行你的修改。</translation>
    </message>
</context>
<context>
    <name>YamlDocument</name>
    <message>
        <source>An alias stands for a value that contains it. Write the value out.</source>
        <translation>别名指向的值包含它自身。请把该值写全。</translation>
    </message>
    <message>
        <source>Nested deeper than %1 levels. Flatten it.</source>
        <translation>嵌套超过 %1 层。请减少层级。</translation>
    </message>
    <message>
        <source>A key must be a text. Put it in quotes if it is one.</source>
        <translation>键必须是文本。如果它是文本，请加引号。</translation>
    </message>
    <message>
        <source>The key &quot;%1&quot; is given twice, first in line %2. Remove one of them.</source>
        <translation>键“%1”重复，首次出现在第 %2 行。请删除其中之一。</translation>
    </message>
    <message>
        <source>More than %1 values, aliases written out. Shorten the file.</source>
        <translation>展开别名后超过 %1 个值。请精简该文件。</translation>
    </message>
    <message>
        <source>The key &lt;&lt; takes a map or a list of maps. Refer to one by its alias.</source>
        <translation>键 &lt;&lt; 后应为映射或映射列表。请用别名引用。</translation>
    </message>
    <message>
        <source>Expected text, found the control character 0x%1. Is this the right file?</source>
        <translation>应为文本，实际含有控制字符 0x%1。文件选对了吗？</translation>
    </message>
    <message>
        <source>Expected text in UTF-8, found other bytes. Save the file as UTF-8.</source>
        <translation>应为 UTF-8 文本，实际含有其他字节。请将文件保存为 UTF-8。</translation>
    </message>
    <message>
        <source>Expected at most %1 bytes, found more. Is this the right file?</source>
        <translation>最多应为 %1 字节，实际更多。文件选对了吗？</translation>
    </message>
    <message>
        <source>Expected one document, found a second one after &quot;---&quot;. Split the file.</source>
        <translation>应为一个文档，但“---”之后还有第二个。请拆分文件。</translation>
    </message>
    <message>
        <source>This is neither valid YAML nor JSON: %1, at column %2. Look at the indentation and the quotes here and one line above.</source>
        <translation>既不是有效的 YAML 也不是 JSON：%1，第 %2 列。请检查此处及上一行的缩进和引号。</translation>
    </message>
    <message>
        <source>%1 could not be read as YAML. Check the file.</source>
        <translation>%1 无法作为 YAML 读取。请检查该文件。</translation>
    </message>
    <message>
        <source>There is no file %1. Check the path.</source>
        <translation>没有文件 %1。请检查路径。</translation>
    </message>
    <message>
        <source>%1 is a folder, expected a file. Name the file in it.</source>
        <translation>%1 是文件夹，应为文件。请指定其中的文件。</translation>
    </message>
    <message>
        <source>%1 cannot be read: %2. Check its permissions.</source>
        <translation>%1 无法读取：%2。请检查其权限。</translation>
    </message>
    <message>
        <source>expected %1, found %2. %3</source>
        <translation>应为 %1，实际为 %2。%3</translation>
    </message>
    <message>
        <source>a map</source>
        <translation>映射</translation>
    </message>
    <message>
        <source>a list</source>
        <translation>列表</translation>
    </message>
    <message>
        <source>an empty text</source>
        <translation>空文本</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>空内容</translation>
    </message>
    <message>
        <source>Write one value here.</source>
        <translation>请在此填写一个值。</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true 或 false</translation>
    </message>
    <message>
        <source>Write one of the two, without quotes.</source>
        <translation>请填写两者之一，不加引号。</translation>
    </message>
    <message>
        <source>a whole number from %1 to %2</source>
        <translation>%1 到 %2 的整数</translation>
    </message>
    <message>
        <source>Write such a number, without quotes.</source>
        <translation>请填写这样的数字，不加引号。</translation>
    </message>
    <message>
        <source>Write one entry a line, each after a dash.</source>
        <translation>请每行填写一项，以短横线开头。</translation>
    </message>
</context>
<context>
    <name>signalbox::ActionDialog</name>
    <message>
        <source>Scale %1</source>
        <translation>扩缩 %1</translation>
    </message>
    <message>
        <source>Restart %1</source>
        <translation>重启 %1</translation>
    </message>
    <message>
        <source>Pause %1</source>
        <translation>暂停 %1</translation>
    </message>
    <message>
        <source>Resume %1</source>
        <translation>恢复 %1</translation>
    </message>
    <message>
        <source>Scale to %1</source>
        <translation>扩缩到 %1</translation>
    </message>
    <message>
        <source>Restart</source>
        <translation>重启</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>&amp;Replicas</source>
        <translation>副本数(&amp;R)</translation>
    </message>
    <message>
        <source>Replicas</source>
        <translation>副本数</translation>
    </message>
    <message>
        <source>Else the change may be written back within seconds. It stays paused until somebody ends it; the outcome says how.</source>
        <translation>否则该变更可能在几秒内被写回。它会一直保持暂停，直到有人解除；结果中会说明如何解除。</translation>
    </message>
    <message>
        <source>First: %1</source>
        <translation>先执行：%1</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>signalbox::ActivityStrip</name>
    <message>
        <source>1 entry</source>
        <translation>1 个条目</translation>
    </message>
    <message>
        <source>%1 entries</source>
        <translation>%1 个条目</translation>
    </message>
    <message>
        <source>No entries in this time</source>
        <translation>此时间内没有条目</translation>
    </message>
    <message>
        <source>%1 from %2 to %3</source>
        <translation>%2 至 %3：%1</translation>
    </message>
    <message>
        <source>%1, %2 of them not to be trusted</source>
        <translation>%1，其中 %2 个不可信</translation>
    </message>
    <message>
        <source>Time line</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 至 %2</translation>
    </message>
    <message>
        <source>%1: %2, %3 not to be trusted</source>
        <translation>%1：%2，%3 个不可信</translation>
    </message>
</context>
<context>
    <name>signalbox::AlertsModel</name>
    <message>
        <source>firing</source>
        <translation>告警中</translation>
    </message>
    <message>
        <source>pending</source>
        <translation>待触发</translation>
    </message>
    <message>
        <source>broken</source>
        <translation>异常</translation>
    </message>
    <message>
        <source>Cannot be evaluated: %1</source>
        <translation>无法求值：%1</translation>
    </message>
    <message>
        <source>silent</source>
        <translation>未触发</translation>
    </message>
    <message>
        <source>not evaluated</source>
        <translation>未求值</translation>
    </message>
    <message>
        <source>Alert</source>
        <translation>告警</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>开始于</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>What it says</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
</context>
<context>
    <name>signalbox::AttentionModel</name>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Roll back...</source>
        <translation>回滚…</translation>
    </message>
    <message>
        <source>Watch</source>
        <translation>观察</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>%1 of %2 pods ready</source>
        <translation>%1 / %2 个 Pod 就绪</translation>
    </message>
    <message>
        <source>What</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>审阅</translation>
    </message>
    <message>
        <source>%1 of %2 approvals</source>
        <translation>批准 %1 / %2</translation>
    </message>
    <message>
        <source>asked by %1</source>
        <translation>由 %1 申请</translation>
    </message>
    <message>
        <source>Alert %1</source>
        <translation>告警 %1</translation>
    </message>
    <message>
        <source>not known now whether it still fires</source>
        <translation>目前不知道是否仍在触发</translation>
    </message>
    <message>
        <source>%1 of requests fail</source>
        <translation>%1 的请求失败</translation>
    </message>
    <message>
        <source>%1 of requests to %2 fail</source>
        <translation>发往 %2 的请求有 %1 失败</translation>
    </message>
    <message>
        <source>not known now whether it still does</source>
        <translation>目前不知道是否仍然如此</translation>
    </message>
</context>
<context>
    <name>signalbox::ChangedFileDelegate</name>
    <message>
        <source>binary</source>
        <translation>二进制</translation>
    </message>
</context>
<context>
    <name>signalbox::ChangedFilesModel</name>
    <message>
        <source>added</source>
        <translation>新增</translation>
    </message>
    <message>
        <source>removed</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>更改</translation>
    </message>
    <message>
        <source>renamed</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>copied</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>of another type</source>
        <translation>类型变更</translation>
    </message>
    <message>
        <source>%1, binary</source>
        <translation>%1，二进制</translation>
    </message>
    <message>
        <source>%1, %2 lines added, %3 removed</source>
        <translation>%1，新增 %2 行，移除 %3 行</translation>
    </message>
    <message>
        <source>%1
was %2</source>
        <translation>%1
原为 %2</translation>
    </message>
</context>
<context>
    <name>signalbox::ChangesDialog</name>
    <message>
        <source>tag, version, branch, commit, digest or image</source>
        <translation>标签、版本、分支、提交、摘要或镜像</translation>
    </message>
    <message>
        <source>Compare two releases</source>
        <translation>比较两个版本</translation>
    </message>
    <message>
        <source>Application</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>The release to start from</source>
        <translation>起始版本</translation>
    </message>
    <message>
        <source>The release to go to</source>
        <translation>目标版本</translation>
    </message>
    <message>
        <source>S&amp;wap</source>
        <translation>互换(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Application</source>
        <translation>应用(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;From</source>
        <translation>从(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;To</source>
        <translation>到(&amp;T)</translation>
    </message>
    <message>
        <source>%1 (runs in %2)</source>
        <translation>%1（在 %2 运行）</translation>
    </message>
    <message>
        <source>%1 (branch)</source>
        <translation>%1（分支）</translation>
    </message>
    <message numerus="yes">
        <source>%1 is %n commit(s) ahead of %2</source>
        <translation>
            <numerusform>%1 比 %2 领先 %n 个提交</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 runs what %2 runs</source>
        <translation>%1 运行的与 %2 相同</translation>
    </message>
    <message numerus="yes">
        <source>%1 is %n commit(s) behind %2</source>
        <translation>
            <numerusform>%1 比 %2 落后 %n 个提交</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::ChangesPresenter</name>
    <message>
        <source>The workspace names no repository for %1. Add it under &quot;repositories&quot;, and the commits and files that a release brings are shown here.</source>
        <translation>工作区没有为 %1 指定代码仓库。请在 &quot;repositories&quot; 下添加，此处便会显示版本带来的提交和文件。</translation>
    </message>
    <message>
        <source>It is not known which commit the release was built from.</source>
        <translation>不知道此版本由哪个提交构建。</translation>
    </message>
    <message>
        <source>It is not known which commit runs there now, so there is nothing to compare with.</source>
        <translation>不知道那里现在运行的是哪个提交，因此没有可比较的内容。</translation>
    </message>
    <message>
        <source>The repository is gone.</source>
        <translation>代码仓库已不存在。</translation>
    </message>
    <message numerus="yes">
        <source>more than %n commit(s)</source>
        <translation>
            <numerusform>超过 %n 个提交</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n commit(s)</source>
        <translation>
            <numerusform>%n 个提交</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n 个文件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n author(s)</source>
        <translation>
            <numerusform>%n 位作者</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n commit(s) go away</source>
        <translation>
            <numerusform>将去掉 %n 个提交</numerusform>
        </translation>
    </message>
    <message>
        <source>This commit has none before it to compare with.</source>
        <translation>此提交之前没有可比较的提交。</translation>
    </message>
</context>
<context>
    <name>signalbox::ChangesView</name>
    <message>
        <source>Back to the promotion (Esc)</source>
        <translation>返回晋级（Esc）</translation>
    </message>
    <message>
        <source>All commits together</source>
        <translation>全部提交合并显示</translation>
    </message>
    <message>
        <source>Filter commits and files</source>
        <translation>筛选提交和文件</translation>
    </message>
    <message>
        <source>Commits</source>
        <translation>提交</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Nothing to compare</source>
        <translation>没有可比较的内容</translation>
    </message>
    <message>
        <source>What changed could not be read</source>
        <translation>无法读取变更内容</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>No commits</source>
        <translation>没有提交</translation>
    </message>
    <message>
        <source>Both releases are the same commit.</source>
        <translation>两个版本是同一个提交。</translation>
    </message>
    <message>
        <source>The files could not be read</source>
        <translation>无法读取文件</translation>
    </message>
    <message>
        <source>No files</source>
        <translation>没有文件</translation>
    </message>
    <message>
        <source>No file is different.</source>
        <translation>没有文件有差异。</translation>
    </message>
    <message>
        <source>Files of %1</source>
        <translation>%1 的文件</translation>
    </message>
    <message>
        <source>No file fits the filter.</source>
        <translation>没有符合筛选条件的文件。</translation>
    </message>
</context>
<context>
    <name>signalbox::ChartPanel</name>
    <message>
        <source>Edit query</source>
        <translation>编辑查询</translation>
    </message>
    <message>
        <source>Edit query of %1</source>
        <translation>编辑 %1 的查询</translation>
    </message>
    <message>
        <source>note</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>partial</source>
        <translation>不完整</translation>
    </message>
    <message>
        <source>no data: %1</source>
        <translation>无数据：%1</translation>
    </message>
    <message>
        <source>The query has no series in this range. That is not zero: nothing was measured.</source>
        <translation>该查询在此范围内没有序列。这不等于零：根本没有测量数据。</translation>
    </message>
</context>
<context>
    <name>signalbox::ChartView</name>
    <message>
        <source>no data</source>
        <translation>无数据</translation>
    </message>
    <message>
        <source>band</source>
        <translation>区间带</translation>
    </message>
    <message>
        <source>%1 series</source>
        <translation>%1 条序列</translation>
    </message>
    <message>
        <source>limit</source>
        <translation>阈值</translation>
    </message>
    <message>
        <source>%1 at %2: %3</source>
        <translation>%1，%2：%3</translation>
    </message>
    <message>
        <source>Chart %1, %2</source>
        <translation>图表 %1，%2</translation>
    </message>
    <message>
        <source> at %1</source>
        <translation>，位于 %1</translation>
    </message>
    <message>
        <source>, stale since %1</source>
        <translation>，自 %1 起数据陈旧</translation>
    </message>
    <message>
        <source>+%1</source>
        <translation>+%1</translation>
    </message>
</context>
<context>
    <name>signalbox::ChecksList</name>
    <message>
        <source>passes</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>warns</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>blocks</source>
        <translation>阻断</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>检查项</translation>
    </message>
    <message>
        <source>%1 ago</source>
        <translation>%1前</translation>
    </message>
</context>
<context>
    <name>signalbox::ChipButton</name>
    <message>
        <source>Opens a list of choices</source>
        <translation>打开选项列表</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
</context>
<context>
    <name>signalbox::ChoiceDelegate</name>
    <message>
        <source>live</source>
        <translation>线上</translation>
    </message>
    <message>
        <source>suggested</source>
        <translation>推荐</translation>
    </message>
    <message>
        <source>LIVE</source>
        <translation>线上</translation>
    </message>
    <message>
        <source>SUGGESTED</source>
        <translation>推荐</translation>
    </message>
</context>
<context>
    <name>signalbox::ClusterDifference</name>
    <message numerus="yes">
        <source>... and %n more line(s)</source>
        <translation>
            <numerusform>… 另有 %n 行</numerusform>
        </translation>
    </message>
    <message>
        <source>Changes in the cluster: %1</source>
        <translation>集群中的变更：%1</translation>
    </message>
</context>
<context>
    <name>signalbox::ClusterPage</name>
    <message>
        <source>cluster: %1</source>
        <translation>集群: %1</translation>
    </message>
    <message>
        <source>namespace: %1</source>
        <translation>命名空间: %1</translation>
    </message>
    <message>
        <source>group by %1</source>
        <translation>按%1分组</translation>
    </message>
    <message>
        <source>node</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>namespace</source>
        <translation>命名空间</translation>
    </message>
    <message>
        <source>workload</source>
        <translation>工作负载</translation>
    </message>
    <message>
        <source>Pods by node</source>
        <translation>各节点的 Pod</translation>
    </message>
    <message>
        <source>Workloads</source>
        <translation>工作负载</translation>
    </message>
    <message>
        <source>Filter workloads</source>
        <translation>筛选工作负载</translation>
    </message>
    <message>
        <source>What can be done with the selected workload</source>
        <translation>可对所选工作负载执行的操作</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>%1 pods</source>
        <translation>%1 个 Pod</translation>
    </message>
    <message>
        <source>%1 ready</source>
        <translation>%1 就绪</translation>
    </message>
    <message>
        <source>%1 warning</source>
        <translation>%1 警告</translation>
    </message>
    <message>
        <source>%1 failing</source>
        <translation>%1 故障</translation>
    </message>
    <message>
        <source>changes arrive live</source>
        <translation>变更实时到达</translation>
    </message>
    <message>
        <source>changes arrive live, last %1 ago</source>
        <translation>变更实时到达，最近一次在 %1前</translation>
    </message>
    <message>
        <source>stale, last heard %1 ago</source>
        <translation>数据陈旧（%1前）</translation>
    </message>
    <message>
        <source>no cpu or memory: metrics.k8s.io is not served</source>
        <translation>没有 CPU 和内存数据：未提供 metrics.k8s.io</translation>
    </message>
    <message>
        <source>No cluster yet</source>
        <translation>还没有集群</translation>
    </message>
    <message>
        <source>Add one from the contexts of your kubeconfig.</source>
        <translation>请从 kubeconfig 的上下文中添加一个。</translation>
    </message>
    <message>
        <source>Add a cluster</source>
        <translation>添加集群</translation>
    </message>
    <message>
        <source>No workloads</source>
        <translation>没有工作负载</translation>
    </message>
    <message>
        <source>No events</source>
        <translation>没有事件</translation>
    </message>
    <message>
        <source>There are no pods</source>
        <translation>没有 Pod</translation>
    </message>
    <message>
        <source>There are no workloads</source>
        <translation>没有工作负载</translation>
    </message>
    <message>
        <source>There are no events</source>
        <translation>没有事件</translation>
    </message>
    <message>
        <source>all namespaces</source>
        <translation>所有命名空间</translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>No pods in %1</source>
        <translation>没有 Pod：%1</translation>
    </message>
    <message>
        <source>Choose another namespace above, or wait for a roll-out.</source>
        <translation>请在上方选择其他命名空间，或等待滚动发布。</translation>
    </message>
    <message>
        <source>No workloads in %1</source>
        <translation>没有工作负载：%1</translation>
    </message>
    <message>
        <source>Deployments, StatefulSets and DaemonSets appear here.</source>
        <translation>Deployment、StatefulSet 和 DaemonSet 会显示在这里。</translation>
    </message>
    <message>
        <source>Nothing matches &quot;%1&quot;</source>
        <translation>没有与“%1”匹配的内容</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>清除筛选</translation>
    </message>
    <message>
        <source>No events in %1</source>
        <translation>没有事件：%1</translation>
    </message>
    <message>
        <source>The cluster keeps them for about an hour.</source>
        <translation>集群大约保留事件一小时。</translation>
    </message>
    <message>
        <source>Arrows</source>
        <translation>方向键</translation>
    </message>
    <message>
        <source>Move between pods, or workloads</source>
        <translation>在 Pod 或工作负载之间移动</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Open the pod&apos;s log</source>
        <translation>打开 Pod 的日志</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单键</translation>
    </message>
    <message>
        <source>Scale, restart, pause, roll back</source>
        <translation>扩缩、重启、暂停、回滚</translation>
    </message>
    <message>
        <source>End</source>
        <translation>End</translation>
    </message>
    <message>
        <source>Follow the log</source>
        <translation>跟随日志</translation>
    </message>
    <message>
        <source>Copy rows or lines</source>
        <translation>复制行</translation>
    </message>
    <message>
        <source>Roll back...</source>
        <translation>回滚…</translation>
    </message>
    <message>
        <source>Restart...</source>
        <translation>重启…</translation>
    </message>
    <message>
        <source>Scale...</source>
        <translation>扩缩…</translation>
    </message>
    <message>
        <source>Resume...</source>
        <translation>恢复…</translation>
    </message>
    <message>
        <source>Pause...</source>
        <translation>暂停…</translation>
    </message>
    <message>
        <source>Log of its worst pod</source>
        <translation>最差 Pod 的日志</translation>
    </message>
    <message>
        <source>Copy its name</source>
        <translation>复制其名称</translation>
    </message>
    <message>
        <source>Open its log</source>
        <translation>打开其日志</translation>
    </message>
    <message>
        <source>Show %1</source>
        <translation>显示%1</translation>
    </message>
    <message>
        <source>%1 starting or stopping</source>
        <translation>%1 启动或停止中</translation>
    </message>
</context>
<context>
    <name>signalbox::ClusterPresenter</name>
    <message>
        <source>1 pod</source>
        <translation>1 个 Pod</translation>
    </message>
    <message>
        <source>%1 pods</source>
        <translation>%1 个 Pod</translation>
    </message>
    <message>
        <source>not ready</source>
        <translation>未就绪</translation>
    </message>
    <message>
        <source> · cordoned</source>
        <translation> · 已停止调度</translation>
    </message>
    <message>
        <source>cpu %1 % · mem %2 %</source>
        <translation>CPU %1 % · 内存 %2 %</translation>
    </message>
    <message>
        <source>You may not patch %1 in %2%3.</source>
        <translation>你无权在 %2 中 patch %1%3。</translation>
    </message>
    <message>
        <source>Only a Deployment can be paused.</source>
        <translation>只有 Deployment 可以暂停。</translation>
    </message>
    <message>
        <source>A DaemonSet runs one pod on each node; it has no replica count.</source>
        <translation>DaemonSet 在每个节点上运行一个 Pod，没有副本数。</translation>
    </message>
    <message>
        <source>Operations are not available in this window.</source>
        <translation>此窗口中无法执行操作。</translation>
    </message>
</context>
<context>
    <name>signalbox::CommitDelegate</name>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n 个文件</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::CommitsModel</name>
    <message>
        <source>by %1</source>
        <translation>由 %1 提交</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n 个文件</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 lines added, %2 removed</source>
        <translation>新增 %1 行，移除 %2 行</translation>
    </message>
    <message>
        <source>goes away</source>
        <translation>将被去掉</translation>
    </message>
    <message>
        <source>reverted by %1</source>
        <translation>已由 %1 还原</translation>
    </message>
    <message>
        <source>reverts %1</source>
        <translation>还原 %1</translation>
    </message>
    <message>
        <source>merge</source>
        <translation>合并</translation>
    </message>
    <message>
        <source>merge of %1</source>
        <translation>合并 %1</translation>
    </message>
</context>
<context>
    <name>signalbox::ConnectionForm</name>
    <message>
        <source>Add a cluster</source>
        <translation>添加集群</translation>
    </message>
    <message>
        <source>%1 was not added: %2</source>
        <translation>%1 未添加：%2</translation>
    </message>
    <message>
        <source>its test failed.</source>
        <translation>测试未通过。</translation>
    </message>
    <message>
        <source>The contexts of your kubeconfig files. Each one chosen becomes a connection; it is tested first.</source>
        <translation>kubeconfig 文件中的上下文。每个选中的上下文会成为一个连接；添加前会先测试。</translation>
    </message>
    <message>
        <source>Contexts</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Another kubeconfig file...</source>
        <translation>其他 kubeconfig 文件…</translation>
    </message>
    <message>
        <source>Open a kubeconfig file</source>
        <translation>打开 kubeconfig 文件</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>As it is shown</source>
        <translation>显示用的名称</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Empty: the current one</source>
        <translation>留空：当前上下文</translation>
    </message>
    <message>
        <source>Kubeconfig file</source>
        <translation>kubeconfig 文件</translation>
    </message>
    <message>
        <source>Empty: where kubectl looks</source>
        <translation>留空：kubectl 查找的位置</translation>
    </message>
    <message>
        <source>Namespaces</source>
        <translation>命名空间</translation>
    </message>
    <message>
        <source>Empty: all that you may read</source>
        <translation>留空：你有权读取的全部</translation>
    </message>
    <message>
        <source>Credentials stay in the kubeconfig. Names of namespaces are separated by spaces.</source>
        <translation>凭据保留在 kubeconfig 中。多个命名空间以空格分隔。</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Empty: its host</source>
        <translation>留空：使用其主机名</translation>
    </message>
    <message>
        <source>Credential</source>
        <translation>凭据</translation>
    </message>
    <message>
        <source>env:NAME, file:/path or keychain:name; empty: none</source>
        <translation>env:NAME、file:/path 或 keychain:name；留空：无</translation>
    </message>
    <message>
        <source>Certificate authority file</source>
        <translation>证书颁发机构文件</translation>
    </message>
    <message>
        <source>Empty: the system&apos;s</source>
        <translation>留空：使用系统的</translation>
    </message>
    <message>
        <source>Do not verify its TLS certificate</source>
        <translation>不验证其 TLS 证书</translation>
    </message>
    <message>
        <source>A credential is named, never typed here: the secret itself stays where it is.</source>
        <translation>此处只填写凭据的引用，绝不填写密文本身：密文留在原处。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Add clusters</source>
        <translation>添加集群</translation>
    </message>
    <message>
        <source>The kubeconfig could not be read</source>
        <translation>无法读取 kubeconfig</translation>
    </message>
    <message>
        <source>added already</source>
        <translation>已添加</translation>
    </message>
    <message>
        <source>TLS is not verified</source>
        <translation>未验证 TLS</translation>
    </message>
    <message>
        <source>No kubeconfig was found. kubectl looks in the files named in KUBECONFIG, then in ~/.kube/config; open another file below.</source>
        <translation>没有找到 kubeconfig。kubectl 会先查找 KUBECONFIG 指定的文件，再查找 ~/.kube/config；也可在下方打开其他文件。</translation>
    </message>
    <message>
        <source>%1 contexts found</source>
        <translation>找到 %1 个上下文</translation>
    </message>
    <message>
        <source>Add a Prometheus</source>
        <translation>添加 Prometheus</translation>
    </message>
    <message>
        <source>Edit %1</source>
        <translation>编辑 %1</translation>
    </message>
    <message>
        <source>Test and add %1</source>
        <translation>测试并添加 %1</translation>
    </message>
    <message>
        <source>Test and add</source>
        <translation>测试并添加</translation>
    </message>
    <message>
        <source>Expected http://host:port or https://host, without a password in it</source>
        <translation>应为 http://host:port 或 https://host，且不含密码</translation>
    </message>
    <message>
        <source>Add a server with pipelines</source>
        <translation>添加带流水线的服务器</translation>
    </message>
</context>
<context>
    <name>signalbox::ConnectionProbe</name>
    <message>
        <source>Read the kubeconfig</source>
        <translation>读取 kubeconfig</translation>
    </message>
    <message>
        <source>Reach the API server and log in</source>
        <translation>访问 API server 并登录</translation>
    </message>
    <message>
        <source>Ask what it serves</source>
        <translation>查询其提供的 API</translation>
    </message>
    <message>
        <source>Ask what you may do</source>
        <translation>查询你的权限</translation>
    </message>
    <message>
        <source>Read the configuration</source>
        <translation>读取配置</translation>
    </message>
    <message>
        <source>Reach the server and ask a question</source>
        <translation>访问服务器并执行一次查询</translation>
    </message>
    <message>
        <source>Reach the server and ask for its pipelines</source>
        <translation>连接服务器并询问其流水线</translation>
    </message>
    <message>
        <source>It answers, but scrapes nothing yet.</source>
        <translation>有响应，但尚未抓取任何目标。</translation>
    </message>
    <message>
        <source>It answers and scrapes %1 targets.</source>
        <translation>有响应，正在抓取 %1 个目标。</translation>
    </message>
    <message>
        <source>It answers, but shows no pipeline.</source>
        <translation>它有回应，但没有流水线。</translation>
    </message>
    <message numerus="yes">
        <source>It answers and shows %n pipeline(s).</source>
        <translation>
            <numerusform>它有回应，显示 %n 条流水线。</numerusform>
        </translation>
    </message>
    <message>
        <source>context %1, user %2</source>
        <translation>上下文 %1，用户 %2</translation>
    </message>
    <message>
        <source>nobody</source>
        <translation>无用户</translation>
    </message>
    <message>
        <source>log in to %1</source>
        <translation>登录 %1</translation>
    </message>
    <message>
        <source>%1 answered in %2 ms</source>
        <translation>%1 在 %2 毫秒内响应</translation>
    </message>
    <message>
        <source>Kubernetes %1, %2 kinds</source>
        <translation>Kubernetes %1，%2 种资源</translation>
    </message>
    <message>
        <source>You may not list pods, neither in the cluster nor in %1. Ask for the role &quot;view&quot;.</source>
        <translation>你无权列出 Pod，整个集群和 %1 中均无权。请申请角色 &quot;view&quot;。</translation>
    </message>
    <message>
        <source>You see the whole cluster</source>
        <translation>你可以查看整个集群</translation>
    </message>
    <message>
        <source>You see namespace %1</source>
        <translation>你可以查看命名空间 %1</translation>
    </message>
    <message>
        <source>and may roll back in %1.</source>
        <translation>，并可在 %1 中回滚。</translation>
    </message>
    <message>
        <source>but may not change Deployments in %1.</source>
        <translation>，但无权修改 %1 中的 Deployment。</translation>
    </message>
    <message>
        <source>not tried</source>
        <translation>未执行</translation>
    </message>
</context>
<context>
    <name>signalbox::ConnectionsModel</name>
    <message>
        <source>loading</source>
        <translation>加载中</translation>
    </message>
    <message>
        <source>%1 old</source>
        <translation>%1前的数据</translation>
    </message>
    <message>
        <source>live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>stale, %1 old</source>
        <translation>数据陈旧（%1前）</translation>
    </message>
    <message>
        <source>not reachable</source>
        <translation>无法访问</translation>
    </message>
    <message>
        <source>may not be read in full</source>
        <translation>无权完整读取</translation>
    </message>
    <message>
        <source>nothing to read</source>
        <translation>没有可读取的内容</translation>
    </message>
    <message>
        <source>not connected</source>
        <translation>未连接</translation>
    </message>
    <message>
        <source> · TLS not verified</source>
        <translation> · 未验证 TLS</translation>
    </message>
    <message>
        <source>current context</source>
        <translation>当前上下文</translation>
    </message>
    <message>
        <source>found, not saved</source>
        <translation>已发现，未保存</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>User</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
</context>
<context>
    <name>signalbox::ConnectionsPage</name>
    <message>
        <source>Test</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>Close the test</source>
        <translation>关闭测试</translation>
    </message>
    <message>
        <source>usable · %1 · as %2</source>
        <translation>可用 · %1 · 身份 %2</translation>
    </message>
    <message>
        <source>not usable</source>
        <translation>不可用</translation>
    </message>
    <message>
        <source>%1 is saved and connected.</source>
        <translation>%1 已保存并连接。</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Add Prometheus</source>
        <translation>添加指标源</translation>
    </message>
    <message>
        <source>Add clusters</source>
        <translation>添加集群</translation>
    </message>
    <message>
        <source>not saved in a workspace yet</source>
        <translation>尚未保存到工作区</translation>
    </message>
    <message>
        <source>The configuration could not be read.</source>
        <translation>无法读取配置。</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查找</translation>
    </message>
    <message>
        <source>No connections yet</source>
        <translation>还没有连接</translation>
    </message>
    <message>
        <source>Add a cluster from the contexts of your kubeconfig.</source>
        <translation>请从 kubeconfig 的上下文中添加一个集群。</translation>
    </message>
    <message>
        <source>Choose a connection in the list first</source>
        <translation>请先在列表中选择一个连接</translation>
    </message>
    <message>
        <source>Test of %1</source>
        <translation>测试 %1</translation>
    </message>
    <message>
        <source>under way</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>%1 was removed.</source>
        <translation>%1 已移除。</translation>
    </message>
    <message>
        <source>Nothing in it was changed.</source>
        <translation>其中的内容没有任何改动。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Arrows</source>
        <translation>方向键</translation>
    </message>
    <message>
        <source>Choose a connection</source>
        <translation>选择连接</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Edit it</source>
        <translation>编辑该连接</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单键</translation>
    </message>
    <message>
        <source>Test or remove it</source>
        <translation>测试或移除该连接</translation>
    </message>
    <message>
        <source>Add pipelines</source>
        <translation>添加流水线</translation>
    </message>
    <message>
        <source>A Jenkins, or projects of GitHub, GitLab or Travis CI</source>
        <translation>Jenkins，或 GitHub、GitLab、Travis CI 的项目</translation>
    </message>
</context>
<context>
    <name>signalbox::Console</name>
    <message>
        <source>Practice world</source>
        <translation>练习世界</translation>
    </message>
    <message>
        <source>An operation on %1 in %2 was cut off. Compared with the cluster: %3</source>
        <translation>%2 中 %1 的一项操作曾被中断。与集群比对的结果：%3</translation>
    </message>
    <message>
        <source>Touch the security key: it signs an entry of the ledger.</source>
        <translation>请触碰安全密钥：它将为台账的一个条目签名。</translation>
    </message>
    <message>
        <source>Touch the security key, once for each entry that it signs: %1.</source>
        <translation>请触碰安全密钥，每签名一个条目触碰一次：%1。</translation>
    </message>
    <message>
        <source>Others decided about the ledger&apos;s policy meanwhile: your change or countersignature was taken back (%1). Look at theirs, then decide again.</source>
        <translation>其他人在此期间对台账的策略作了决定：你的变更或会签已撤回（%1）。请先看对方的，再作决定。</translation>
    </message>
</context>
<context>
    <name>signalbox::ContextList</name>
    <message>
        <source>Clusters of your kubeconfig</source>
        <translation>kubeconfig 中的集群</translation>
    </message>
    <message>
        <source>Contexts tested</source>
        <translation>已测试的上下文</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Stop testing</source>
        <translation>停止测试</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查找</translation>
    </message>
    <message>
        <source>None was found. Signalbox looks where kubectl does: in the files named in KUBECONFIG, then in ~/.kube/config. Open another file below.</source>
        <translation>没有找到。Signalbox 的查找位置与 kubectl 相同：先是 KUBECONFIG 指定的文件，然后是 ~/.kube/config。也可在下方打开其他文件。</translation>
    </message>
    <message>
        <source>%1 (current)</source>
        <translation>%1（当前）</translation>
    </message>
    <message>
        <source>open already</source>
        <translation>已打开</translation>
    </message>
    <message>
        <source>Its certificate is not verified, so it is tested only when you choose it: the test sends your credentials.</source>
        <translation>其证书未经验证，因此只有在你选择它时才会测试：测试会发送你的凭据。</translation>
    </message>
    <message>
        <source>not tested yet</source>
        <translation>尚未测试</translation>
    </message>
    <message>
        <source>being tested</source>
        <translation>测试中</translation>
    </message>
    <message>
        <source>reachable</source>
        <translation>可访问</translation>
    </message>
    <message>
        <source>Its test failed.</source>
        <translation>测试未通过。</translation>
    </message>
    <message>
        <source>not tested: choose it to test it</source>
        <translation>未测试：选择它即可测试</translation>
    </message>
    <message>
        <source>%1 was not added: %2</source>
        <translation>%1 未添加：%2</translation>
    </message>
    <message>
        <source>added</source>
        <translation>已添加</translation>
    </message>
    <message>
        <source>reading</source>
        <translation>读取中</translation>
    </message>
    <message>
        <source>%1 of %2 tested</source>
        <translation>已测试 %1 / %2</translation>
    </message>
    <message>
        <source>%1 found · %2 reachable</source>
        <translation>找到 %1 个 · 可访问 %2 个</translation>
    </message>
    <message>
        <source>Add %1 clusters</source>
        <translation>添加 %1 个集群</translation>
    </message>
    <message>
        <source>Add the cluster</source>
        <translation>添加该集群</translation>
    </message>
    <message>
        <source>Choose at least one that is reachable.</source>
        <translation>请至少选择一个可访问的集群。</translation>
    </message>
    <message>
        <source>Reads them from now on, with your own rights. Nothing is installed there.</source>
        <translation>从现在起以你自己的权限读取它们。不会在其中安装任何东西。</translation>
    </message>
    <message>
        <source>What is chosen is still being tested.</source>
        <translation>所选内容仍在测试中。</translation>
    </message>
    <message>
        <source>Its credentials come from %1, so it is tested only when you choose it: the test runs that program.</source>
        <translation>其凭据来自 %1，因此只在你选择它时才测试：测试会运行该程序。</translation>
    </message>
    <message>
        <source>open already, not tested here</source>
        <translation>已打开，未在此处测试</translation>
    </message>
</context>
<context>
    <name>signalbox::DecisionBox</name>
    <message>
        <source>Comment, signed and kept in the ledger</source>
        <translation>备注，签名后保存在台账中</translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>驳回</translation>
    </message>
    <message>
        <source>Approve</source>
        <translation>批准</translation>
    </message>
    <message>
        <source>More...</source>
        <translation>更多…</translation>
    </message>
    <message>
        <source>Break glass, hold and other decisions</source>
        <translation>破窗、搁置及其他决定</translation>
    </message>
    <message>
        <source>Your signed rejection is put in the ledger.</source>
        <translation>你签名的驳回会写入台账。</translation>
    </message>
    <message>
        <source>Approving records your signature for exactly %1.</source>
        <translation>批准会记录你对 %1 的签名，且仅限于它。</translation>
    </message>
    <message>
        <source>%1 can start when %2 also approve(s).</source>
        <translation>待 %2 也批准后，%1 可以启动。</translation>
    </message>
    <message>
        <source> or </source>
        <translation> 或 </translation>
    </message>
    <message>
        <source>Held to act; pressing it with a screen reader asks instead.</source>
        <translation>长按执行；使用屏幕阅读器按下时会改为询问。</translation>
    </message>
    <message>
        <source>Not available: %1</source>
        <translation>不可用：%1</translation>
    </message>
    <message>
        <source>Comment, signed with your key and kept in the ledger</source>
        <translation>备注，用你的密钥签名后保存在台账中</translation>
    </message>
    <message>
        <source>Comment, signed with your key %1 and kept in the ledger</source>
        <translation>备注，用你的密钥 %1 签名后保存在台账中</translation>
    </message>
    <message>
        <source>Approve for %1</source>
        <translation>批准用于 %1</translation>
    </message>
    <message>
        <source>It starts by itself only where whoever asked chose that; else they, or you, are offered Start for %1.</source>
        <translation>只有申请者选择了自动启动时它才会自动启动；否则会向申请者或你提供 %1 的“启动”。</translation>
    </message>
    <message>
        <source>It starts by itself once it may, while this window is open.</source>
        <translation>一旦允许，它会在此窗口打开期间自动启动。</translation>
    </message>
    <message>
        <source>Comment on a rejection, signed and kept in the ledger</source>
        <translation>驳回说明，签名后保存在台账中</translation>
    </message>
</context>
<context>
    <name>signalbox::DeployedPicker</name>
    <message>
        <source>application</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>environment</source>
        <translation>环境</translation>
    </message>
</context>
<context>
    <name>signalbox::DeploymentsCard</name>
    <message>
        <source>deployment %1: %2</source>
        <translation>部署 %1：%2</translation>
    </message>
    <message>
        <source>by %1</source>
        <translation>由 %1</translation>
    </message>
    <message>
        <source>live</source>
        <translation>线上</translation>
    </message>
    <message>
        <source>Deployments</source>
        <translation>部署</translation>
    </message>
    <message>
        <source>Environment</source>
        <translation>环境</translation>
    </message>
    <message>
        <source>Go back to this...</source>
        <translation>回退到此…</translation>
    </message>
    <message>
        <source>No environments</source>
        <translation>没有环境</translation>
    </message>
    <message>
        <source>A job that names its environment makes one: then its deployments are listed here.</source>
        <translation>作业写明环境后就会产生环境，其部署将列在这里。</translation>
    </message>
    <message>
        <source>The deployments cannot be read</source>
        <translation>无法读取部署</translation>
    </message>
    <message>
        <source>Nothing was deployed to %1</source>
        <translation>%1 还没有任何部署</translation>
    </message>
    <message>
        <source>The first job that deploys there makes the first entry.</source>
        <translation>第一个部署到那里的作业会产生第一条记录。</translation>
    </message>
    <message>
        <source>Choose a deployment first.</source>
        <translation>请先选择一个部署。</translation>
    </message>
    <message>
        <source>This window changes nothing.</source>
        <translation>此窗口不作任何更改。</translation>
    </message>
    <message>
        <source>This list is old: wait until the server says what is live now.</source>
        <translation>此列表已过时：请等待服务器说明当前上线的是哪个版本。</translation>
    </message>
    <message>
        <source>The server has not answered for a minute.</source>
        <translation>服务器已有一分钟没有响应。</translation>
    </message>
</context>
<context>
    <name>signalbox::DesktopNotifier</name>
    <message>
        <source>%1 %2 waits for you</source>
        <translation>%1 %2 在等待你</translation>
    </message>
    <message>
        <source>%1 asks that it may go to %2.</source>
        <translation>%1 申请让它进入 %2。</translation>
    </message>
    <message>
        <source>%1 waits at a gate</source>
        <translation>%1 在门禁处等待</translation>
    </message>
</context>
<context>
    <name>signalbox::DiffLines</name>
    <message>
        <source>Difference</source>
        <translation>差异</translation>
    </message>
</context>
<context>
    <name>signalbox::DiffModel</name>
    <message>
        <source>added: %1</source>
        <translation>新增：%1</translation>
    </message>
    <message>
        <source>removed: %1</source>
        <translation>删除：%1</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>之前</translation>
    </message>
    <message>
        <source>After</source>
        <translation>之后</translation>
    </message>
    <message>
        <source>Line</source>
        <translation>行</translation>
    </message>
</context>
<context>
    <name>signalbox::DiffView</name>
    <message>
        <source>What will be sent</source>
        <translation>将要发送的内容</translation>
    </message>
</context>
<context>
    <name>signalbox::DoraPanel</name>
    <message>
        <source>a week</source>
        <translation>次/周</translation>
    </message>
    <message>
        <source>application</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>environment</source>
        <translation>环境</translation>
    </message>
    <message>
        <source>time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>figure</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>How &quot;%1&quot; is counted</source>
        <translation>“%1”的计算方式</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>last 30 days</source>
        <translation>最近 30 天</translation>
    </message>
    <message>
        <source>last 90 days</source>
        <translation>最近 90 天</translation>
    </message>
    <message>
        <source>last 180 days</source>
        <translation>最近 180 天</translation>
    </message>
    <message>
        <source>last 365 days</source>
        <translation>最近 365 天</translation>
    </message>
    <message>
        <source>The figures come when all entries are checked.</source>
        <translation>所有条目检查完毕后显示数字。</translation>
    </message>
    <message>
        <source>being counted</source>
        <translation>正在计算</translation>
    </message>
    <message>
        <source>No entry of this ledger is proven: there is nothing that could be counted.</source>
        <translation>此台账没有已证明的条目：没有可计算的内容。</translation>
    </message>
    <message>
        <source>From %1 proven entries, the first of %2.</source>
        <translation>依据 %1 个已证明的条目，最早的一个在 %2。</translation>
    </message>
    <message>
        <source>not enough data</source>
        <translation>数据不足</translation>
    </message>
    <message>
        <source>over the %1 days before</source>
        <translation>之前 %1 天内</translation>
    </message>
    <message>
        <source>Not enough data for a trend</source>
        <translation>数据不足，无法显示趋势</translation>
    </message>
    <message>
        <source>Each point looks at the %1 days before it. %2</source>
        <translation>每个点统计其之前的 %1 天。%2</translation>
    </message>
    <message>
        <source>There is no ledger yet: nothing can be counted. It begins by itself with the first operation.</source>
        <translation>还没有台账：无法统计。第一次操作时它会自动开始。</translation>
    </message>
    <message>
        <source>nothing to count</source>
        <translation>没有可统计的内容</translation>
    </message>
    <message>
        <source>There is no ledger yet</source>
        <translation>还没有台账</translation>
    </message>
    <message>
        <source>It begins by itself with the first operation.</source>
        <translation>它会随第一次操作自动开始。</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>Nothing could be counted</source>
        <translation>无法统计</translation>
    </message>
</context>
<context>
    <name>signalbox::DoraTiles</name>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>being counted</source>
        <translation>正在统计</translation>
    </message>
    <message>
        <source>no data: there is no ledger yet</source>
        <translation>无数据：还没有台账</translation>
    </message>
    <message>
        <source>not known: the ledger cannot be read</source>
        <translation>未知：无法读取台账</translation>
    </message>
    <message>
        <source>no data</source>
        <translation>无数据</translation>
    </message>
    <message>
        <source>last %1 days</source>
        <translation>最近 %1 天</translation>
    </message>
</context>
<context>
    <name>signalbox::DrillBar</name>
    <message>
        <source>Fire drill</source>
        <translation>故障演练</translation>
    </message>
    <message>
        <source>I see it</source>
        <translation>我看到了</translation>
    </message>
    <message>
        <source>Something is wrong: your time to see it stops (F8)</source>
        <translation>出问题了：停止计算发现时间（F8）</translation>
    </message>
    <message>
        <source>False alarm, stand down</source>
        <translation>虚惊一场，解除警戒</translation>
    </message>
    <message>
        <source>The release is not to blame, nothing is to be taken back. Ends the drill (Shift+F8)</source>
        <translation>不是该版本的问题，无需回退。结束演练（Shift+F8）</translation>
    </message>
    <message>
        <source>Abandon</source>
        <translation>放弃</translation>
    </message>
    <message>
        <source>End the drill without a verdict</source>
        <translation>结束演练，不作评判</translation>
    </message>
    <message>
        <source>Debrief</source>
        <translation>复盘</translation>
    </message>
    <message>
        <source>What happened when, and a faster path</source>
        <translation>何时发生了什么，以及更快的路径</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Drill &quot;%1&quot;: making the world ready. %2</source>
        <translation>演练“%1”：正在准备世界。%2</translation>
    </message>
    <message>
        <source>Drill &quot;%1&quot; begins in %2</source>
        <translation>演练“%1”将在 %2后开始</translation>
    </message>
    <message>
        <source>Drill &quot;%1&quot;: seen. Bring it back.</source>
        <translation>演练“%1”：已看到。请将其恢复。</translation>
    </message>
    <message>
        <source>Drill &quot;%1&quot; is running</source>
        <translation>演练“%1”正在进行</translation>
    </message>
    <message>
        <source>Drill &quot;%1&quot;: %2. %3</source>
        <translation>演练“%1”：%2。%3</translation>
    </message>
    <message>
        <source>bad for %1 · %2</source>
        <translation>异常已 %1 · %2</translation>
    </message>
</context>
<context>
    <name>signalbox::DrillDelegate</name>
    <message>
        <source>under way</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>not tried yet</source>
        <translation>尚未尝试</translation>
    </message>
    <message>
        <source>1 attempt · %1</source>
        <translation>1 次尝试 · %1</translation>
    </message>
    <message>
        <source>%1 attempts · last one %2</source>
        <translation>%1 次尝试 · 最近一次%2</translation>
    </message>
</context>
<context>
    <name>signalbox::DrillListModel</name>
    <message>
        <source>best %1</source>
        <translation>最佳 %1</translation>
    </message>
</context>
<context>
    <name>signalbox::DrillsPage</name>
    <message>
        <source>Fire drills</source>
        <translation>故障演练</translation>
    </message>
    <message>
        <source>Something breaks, a clock runs, and you bring it back: errors after a full shift, a leak, a zone that is slow, a model that is wrong, an image that is gone, metrics that go dark, a false alarm. They take place in the practice world, never on a cluster of yours.</source>
        <translation>有东西坏了，开始计时，由你恢复：全部切流之后的错误、内存泄漏、变慢的可用区、出错的模型、消失的镜像、中断的指标、虚惊一场。演练都在练习世界中进行，绝不会在你的集群上。</translation>
    </message>
    <message>
        <source>Train the way back until it is routine</source>
        <translation>把回退练成习惯</translation>
    </message>
    <message>
        <source>Open the practice world</source>
        <translation>打开练习世界</translation>
    </message>
    <message>
        <source>The practice world could not be started. See the log below Settings.</source>
        <translation>无法启动练习世界。请查看“设置”下方的日志。</translation>
    </message>
    <message>
        <source>Start one with signalbox-console --demo.</source>
        <translation>请用 signalbox-console --demo 启动一个。</translation>
    </message>
    <message>
        <source>best time to restore</source>
        <translation>最佳恢复时间</translation>
    </message>
    <message>
        <source>Start the drill</source>
        <translation>开始演练</translation>
    </message>
    <message>
        <source>Metrics of it</source>
        <translation>其指标</translation>
    </message>
    <message>
        <source>What you will be watching, as it is now</source>
        <translation>你将要观察的内容，当前的样子</translation>
    </message>
    <message>
        <source>Time to see it</source>
        <translation>发现时间</translation>
    </message>
    <message>
        <source>Time to restore</source>
        <translation>恢复时间</translation>
    </message>
    <message>
        <source>Best</source>
        <translation>最佳</translation>
    </message>
    <message>
        <source>Debrief</source>
        <translation>复盘</translation>
    </message>
    <message>
        <source>attempt</source>
        <translation>尝试</translation>
    </message>
    <message>
        <source>You have %1 minutes. Do what you would do: any page, a terminal, kubectl. The bar above every page takes your word for having seen it, or that it is a false alarm.</source>
        <translation>你有 %1 分钟。像平时一样操作：任何页面、终端、kubectl 都可以。每个页面上方的横条用于表示你看到了异常，或这是虚惊。</translation>
    </message>
    <message>
        <source>The world is made ready first, which may take a minute after an attempt that rolled something out</source>
        <translation>会先准备好世界；如果上一次尝试发布过内容，可能需要一分钟</translation>
    </message>
    <message>
        <source>Try it again</source>
        <translation>再试一次</translation>
    </message>
    <message>
        <source>from the first bad sample</source>
        <translation>自第一个异常样本起</translation>
    </message>
    <message>
        <source>not tried yet</source>
        <translation>尚未尝试</translation>
    </message>
    <message>
        <source>1 attempt</source>
        <translation>1 次尝试</translation>
    </message>
    <message>
        <source>%1 attempts</source>
        <translation>%1 次尝试</translation>
    </message>
    <message>
        <source>Under way</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>Nothing to tell yet</source>
        <translation>还没有可说明的内容</translation>
    </message>
    <message>
        <source>What happened when is told afterwards.</source>
        <translation>何时发生了什么，事后说明。</translation>
    </message>
    <message>
        <source>Getting faster</source>
        <translation>越来越快</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Go to the chosen drill&apos;s start</source>
        <translation>转到所选演练的开始处</translation>
    </message>
    <message>
        <source>&quot;I see it&quot;, on every page while a drill runs</source>
        <translation>“我看到了”，演练期间在每个页面可用</translation>
    </message>
    <message>
        <source>&quot;A false alarm, stand down&quot;</source>
        <translation>“虚惊一场，解除警戒”</translation>
    </message>
    <message>
        <source>d MMM HH:mm</source>
        <extracomment>A date without the year and a time, in the format of QDateTime::toString().</extracomment>
        <translation>M月d日 HH:mm</translation>
    </message>
    <message>
        <source>After the first attempt its time line stands here: what broke, when the metrics first showed it, what you did, and a faster path.</source>
        <translation>第一次尝试之后，这里会显示时间线：什么坏了、指标何时首次显示出来、你做了什么，以及更快的路径。</translation>
    </message>
    <message>
        <source>With the second attempt that passes a curve begins here: how long it took to see, and to restore. The others are marked in it.</source>
        <translation>从第二次通过的尝试起，这里会出现一条曲线：发现和恢复各用了多久。其他尝试会在其中标出。</translation>
    </message>
</context>
<context>
    <name>signalbox::DrillsPresenter</name>
    <message>
        <source>Choose a drill first.</source>
        <translation>请先选择一个演练。</translation>
    </message>
    <message>
        <source>A drill is under way. Finish or abandon it first.</source>
        <translation>有演练正在进行。请先完成或放弃它。</translation>
    </message>
    <message>
        <source>Getting faster</source>
        <translation>越来越快</translation>
    </message>
    <message>
        <source>seen</source>
        <translation>已看到</translation>
    </message>
    <message>
        <source>restored</source>
        <translation>已恢复</translation>
    </message>
</context>
<context>
    <name>signalbox::EntryPanel</name>
    <message>
        <source>Copy the entry, its commit, or the command that verifies it</source>
        <translation>复制条目、其提交或用于验证的命令</translation>
    </message>
    <message>
        <source>What stands in the entry</source>
        <translation>条目的内容</translation>
    </message>
    <message>
        <source>Copy the entry</source>
        <translation>复制条目</translation>
    </message>
    <message>
        <source>The entry</source>
        <translation>条目</translation>
    </message>
    <message>
        <source>Copy the commit&apos;s id</source>
        <translation>复制提交 ID</translation>
    </message>
    <message>
        <source>The commit&apos;s id</source>
        <translation>提交 ID</translation>
    </message>
    <message>
        <source>Copy the command that verifies it with git</source>
        <translation>复制用 git 验证它的命令</translation>
    </message>
    <message>
        <source>The command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Copy it as it stands in the repository</source>
        <translation>按代码仓库中的原样复制</translation>
    </message>
    <message>
        <source>The entry&apos;s text</source>
        <translation>条目原文</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>条目</translation>
    </message>
    <message>
        <source>No entry is chosen</source>
        <translation>没有选择条目</translation>
    </message>
    <message>
        <source>Choose one in the list: what stands in it, who signed it and what belongs to it is shown here.</source>
        <translation>请在列表中选择一个：此处会显示其内容、签名者和相关内容。</translation>
    </message>
    <message>
        <source>Recorded</source>
        <translation>记录时间</translation>
    </message>
    <message>
        <source>Signed by</source>
        <translation>签名者</translation>
    </message>
    <message>
        <source>nobody who is known</source>
        <translation>没有已知的签名者</translation>
    </message>
    <message>
        <source>With the key</source>
        <translation>所用密钥</translation>
    </message>
    <message>
        <source>Commit</source>
        <translation>提交</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>nobody known</source>
        <translation>没有已知的人</translation>
    </message>
    <message>
        <source>The rest is being read ...</source>
        <translation>正在读取其余内容…</translation>
    </message>
    <message>
        <source>Verify it without this program</source>
        <translation>不用此程序验证</translation>
    </message>
    <message>
        <source>Proof</source>
        <translation>证明</translation>
    </message>
    <message>
        <source>Because</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Related entries</source>
        <translation>相关条目</translation>
    </message>
    <message>
        <source>Content</source>
        <translation>内容</translation>
    </message>
</context>
<context>
    <name>signalbox::EventsModel</name>
    <message>
        <source> (%1 times)</source>
        <translation>（%1 次）</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>事件</translation>
    </message>
</context>
<context>
    <name>signalbox::FetchBar</name>
    <message>
        <source>connecting</source>
        <translation>正在连接</translation>
    </message>
    <message>
        <source>fetching %1 of %2 objects, %3</source>
        <translation>正在获取 %1 / %2 个对象，%3</translation>
    </message>
    <message>
        <source>unpacking %1 of %2</source>
        <translation>正在解包 %1 / %2</translation>
    </message>
    <message>
        <source>Progress of fetching</source>
        <translation>获取进度</translation>
    </message>
    <message>
        <source>fetched %1 ago</source>
        <translation>%1前获取</translation>
    </message>
    <message>
        <source>could not be fetched again</source>
        <translation>无法再次获取</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Fetch</source>
        <translation>获取</translation>
    </message>
    <message>
        <source>Stop fetching the repository</source>
        <translation>停止获取代码仓库</translation>
    </message>
    <message>
        <source>Fetch the repository now</source>
        <translation>立即获取代码仓库</translation>
    </message>
    <message>
        <source>fetching was stopped</source>
        <translation>获取已停止</translation>
    </message>
</context>
<context>
    <name>signalbox::FileDiffView</name>
    <message>
        <source>Scroll long lines</source>
        <translation>滚动长行</translation>
    </message>
    <message>
        <source>Show all of it</source>
        <translation>显示全部内容</translation>
    </message>
    <message>
        <source>Choose a file to see what changed in it.</source>
        <translation>请选择一个文件，查看其中的变更。</translation>
    </message>
    <message>
        <source>Search (Ctrl+F)</source>
        <translation>搜索（Ctrl+F）</translation>
    </message>
    <message>
        <source>Search in this file</source>
        <translation>在此文件中搜索</translation>
    </message>
    <message>
        <source>unified</source>
        <translation>统一视图</translation>
    </message>
    <message>
        <source>side by side</source>
        <translation>并排视图</translation>
    </message>
    <message>
        <source>Previous change (Alt+Up)</source>
        <translation>上一处变更（Alt+Up）</translation>
    </message>
    <message>
        <source>Next change (Alt+Down)</source>
        <translation>下一处变更（Alt+Down）</translation>
    </message>
    <message>
        <source>%1 lines added, %2 removed</source>
        <translation>新增 %1 行，移除 %2 行</translation>
    </message>
    <message>
        <source>Reading %1 ...</source>
        <translation>正在读取 %1…</translation>
    </message>
    <message>
        <source>A binary file: %1 before, %2 now. Its content is not shown.</source>
        <translation>二进制文件：之前 %1，现在 %2。不显示其内容。</translation>
    </message>
    <message>
        <source>Too large to be compared here: %1 before, %2 now. git diff shows it.</source>
        <translation>过大，无法在此比较：之前 %1，现在 %2。可用 git diff 查看。</translation>
    </message>
    <message>
        <source>Its content is the same.</source>
        <translation>其内容相同。</translation>
    </message>
    <message>
        <source>Only the first %1 lines are shown.</source>
        <translation>仅显示前 %1 行。</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>未找到</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Compare it all the same</source>
        <translation>仍然比较</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
</context>
<context>
    <name>signalbox::FilterField</name>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
</context>
<context>
    <name>signalbox::FoldingTools</name>
    <message>
        <source>More of the view</source>
        <translation>更多视图选项</translation>
    </message>
</context>
<context>
    <name>signalbox::FreezeDialog</name>
    <message>
        <source>Order a freeze</source>
        <translation>下达冻结</translation>
    </message>
    <message>
        <source>all applications</source>
        <translation>所有应用</translation>
    </message>
    <message>
        <source>Application</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>all environments</source>
        <translation>所有环境</translation>
    </message>
    <message>
        <source>Environment</source>
        <translation>环境</translation>
    </message>
    <message>
        <source>From</source>
        <translation>从</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>至</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>signed and kept in the ledger</source>
        <translation>签名并保存在台账中</translation>
    </message>
    <message>
        <source>&amp;Application</source>
        <translation>应用(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Environment</source>
        <translation>环境(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;From</source>
        <translation>从(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Until</source>
        <translation>至(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Reason</source>
        <translation>原因(&amp;R)</translation>
    </message>
    <message>
        <source>What it refuses</source>
        <translation>它会拒绝什么</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>冻结</translation>
    </message>
    <message>
        <source>It cannot be ordered</source>
        <translation>无法下达</translation>
    </message>
    <message>
        <source>%1 %2 to %3 (asked for by %4)</source>
        <translation>%1 %2 到 %3（由 %4 申请）</translation>
    </message>
    <message>
        <source>Environments</source>
        <translation>环境</translation>
    </message>
    <message>
        <source>none of the policy&apos;s paths fits</source>
        <translation>策略中没有符合的路径</translation>
    </message>
    <message>
        <source>Applications</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>none that is known fits</source>
        <translation>没有符合的已知应用</translation>
    </message>
    <message>
        <source>Cannot start meanwhile</source>
        <translation>期间不能启动</translation>
    </message>
    <message>
        <source>no promotion is open there</source>
        <translation>那里没有进行中的晋级</translation>
    </message>
    <message>
        <source>Going back stays possible.</source>
        <translation>回滚仍然可行。</translation>
    </message>
    <message>
        <source>No promotion of %1 to %2 starts from %3 until %4.</source>
        <translation>从 %3 到 %4，%1 到 %2 的晋级都不会启动。</translation>
    </message>
    <message>
        <source>any application</source>
        <translation>任何应用</translation>
    </message>
    <message>
        <source>any environment</source>
        <translation>任何环境</translation>
    </message>
    <message>
        <source>It is being signed.</source>
        <translation>正在签名。</translation>
    </message>
    <message>
        <source>What it would refuse is not known.</source>
        <translation>还不知道它会拒绝什么。</translation>
    </message>
    <message>
        <source>Say why first: the reason is signed and kept in the ledger.</source>
        <translation>请先说明原因：它会签名并保存在台账中。</translation>
    </message>
    <message>
        <source>Held to act; pressing it with a screen reader asks instead.</source>
        <translation>长按执行；使用屏幕阅读器按下时会改为询问。</translation>
    </message>
    <message>
        <source>Not available: %1</source>
        <translation>不可用：%1</translation>
    </message>
    <message>
        <source>Signing ...</source>
        <translation>正在签名…</translation>
    </message>
    <message>
        <source>Re&amp;peat</source>
        <translation>重复(&amp;P)</translation>
    </message>
    <message>
        <source>Times are in %1, and it repeats by the clocks there.</source>
        <translation>时间为 %1 时区，并按该地的时钟重复。</translation>
    </message>
    <message>
        <source>Repeat</source>
        <translation>重复</translation>
    </message>
    <message>
        <source>never</source>
        <translation>从不</translation>
    </message>
    <message>
        <source>every day</source>
        <translation>每天</translation>
    </message>
    <message>
        <source>every week, on some days</source>
        <translation>每周的某几天</translation>
    </message>
    <message>
        <source>by a rule of iCalendar</source>
        <translation>按 iCalendar 规则</translation>
    </message>
    <message>
        <source>Rule of the repetition</source>
        <translation>重复规则</translation>
    </message>
    <message>
        <source>Choose the days of the week on which it begins.</source>
        <translation>请选择它在一周的哪几天开始。</translation>
    </message>
    <message>
        <source>Write the rule of the repetition (RRULE of RFC 5545), for example FREQ=MONTHLY;BYDAY=-1FR.</source>
        <translation>请填写重复规则（RFC 5545 的 RRULE），例如 FREQ=MONTHLY;BYDAY=-1FR。</translation>
    </message>
    <message>
        <source>It is not said yet when it comes again</source>
        <translation>尚未说明何时重复</translation>
    </message>
    <message>
        <source>The next times:</source>
        <translation>接下来的时间：</translation>
    </message>
    <message>
        <source>%1 until %2</source>
        <translation>%1 至 %2</translation>
    </message>
    <message>
        <source>No promotion of %1 to %2 starts for %3 each time that it comes: from %4 on by %5 (clocks of %6), %7.</source>
        <translation>从 %4 起按 %5（%6 的时钟）重复，每次 %3 内 %1 到 %2 的晋级都不会启动，%7。</translation>
    </message>
    <message>
        <source>until somebody lifts it</source>
        <translation>直到有人解除</translation>
    </message>
    <message>
        <source>the last time until %1</source>
        <translation>最后一次至 %1</translation>
    </message>
    <message>
        <source>Mon</source>
        <translation>周一</translation>
    </message>
    <message>
        <source>Monday</source>
        <translation>星期一</translation>
    </message>
    <message>
        <source>Tue</source>
        <translation>周二</translation>
    </message>
    <message>
        <source>Tuesday</source>
        <translation>星期二</translation>
    </message>
    <message>
        <source>Wed</source>
        <translation>周三</translation>
    </message>
    <message>
        <source>Wednesday</source>
        <translation>星期三</translation>
    </message>
    <message>
        <source>Thu</source>
        <translation>周四</translation>
    </message>
    <message>
        <source>Thursday</source>
        <translation>星期四</translation>
    </message>
    <message>
        <source>Fri</source>
        <translation>周五</translation>
    </message>
    <message>
        <source>Friday</source>
        <translation>星期五</translation>
    </message>
    <message>
        <source>Sat</source>
        <translation>周六</translation>
    </message>
    <message>
        <source>Saturday</source>
        <translation>星期六</translation>
    </message>
    <message>
        <source>Sun</source>
        <translation>周日</translation>
    </message>
    <message>
        <source>Sunday</source>
        <translation>星期日</translation>
    </message>
</context>
<context>
    <name>signalbox::GateDelegate</name>
    <message>
        <source>not live</source>
        <translation>非实时</translation>
    </message>
    <message>
        <source>you may</source>
        <translation>你可以</translation>
    </message>
    <message>
        <source>others</source>
        <translation>其他人</translation>
    </message>
</context>
<context>
    <name>signalbox::GateDialog</name>
    <message>
        <source>approved by %1</source>
        <translation>由 %1 批准</translation>
    </message>
    <message>
        <source>rejected by %1</source>
        <translation>由 %1 驳回</translation>
    </message>
    <message>
        <source>Gate of %1</source>
        <translation>%1 的门禁</translation>
    </message>
    <message>
        <source>What waits</source>
        <translation>等待的内容</translation>
    </message>
    <message>
        <source>Comment</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Needed: %1 keeps it with the decision</source>
        <translation>必填：%1 会随决定保存</translation>
    </message>
    <message>
        <source>Kept with the decision, there and in the ledger (optional)</source>
        <translation>随决定保存在供应商和台账中（可选）</translation>
    </message>
    <message>
        <source>&amp;Comment</source>
        <translation>备注(&amp;C)</translation>
    </message>
    <message>
        <source>Approve</source>
        <translation>批准</translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>驳回</translation>
    </message>
    <message>
        <source>Reject instead</source>
        <translation>改为驳回</translation>
    </message>
    <message>
        <source>Approve instead</source>
        <translation>改为批准</translation>
    </message>
    <message>
        <source>%1 wants a comment with a decision.</source>
        <translation>%1 要求决定附带备注。</translation>
    </message>
    <message>
        <source>The gate asks for %1.</source>
        <translation>该门禁要求填写 %1。</translation>
    </message>
    <message>
        <source>What %1 said is not fresh: nothing is decided on it.</source>
        <translation>%1 的信息不是最新的：不能据此作决定。</translation>
    </message>
    <message>
        <source>Then its plan is shown here.</source>
        <translation>之后这里会显示其计划。</translation>
    </message>
    <message>
        <source>It was %1.</source>
        <translation>它已被%1。</translation>
    </message>
    <message>
        <source>Its run is %1 now. Who decided is said at %2.</source>
        <translation>其运行现为 %1。由谁决定请见 %2。</translation>
    </message>
    <message>
        <source>Who decided is said at %1.</source>
        <translation>由谁决定请见 %1。</translation>
    </message>
    <message>
        <source>Somebody was faster: nothing waits here any more. %1</source>
        <translation>有人更快：这里已没有等待的运行。%1</translation>
    </message>
    <message>
        <source>Commit</source>
        <translation>提交</translation>
    </message>
    <message>
        <source>Waits since</source>
        <translation>等待开始于</translation>
    </message>
    <message>
        <source>Goes on by itself</source>
        <translation>自动继续于</translation>
    </message>
    <message>
        <source>Decisions</source>
        <translation>决定</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%2 的 %1</translation>
    </message>
    <message>
        <source>%1, %2 waits as well. This decision is carried out first: open the other gate after it.</source>
        <translation>%1，%2 也在等待。先执行这个决定：之后再打开另一个门禁。</translation>
    </message>
    <message>
        <source>The connection %1 was removed, so what became of the gate is not known here. Add it again in Connections, or look at %2.</source>
        <translation>连接 %1 已被移除，因此这里不知道该门禁的结果。请在“连接”中重新添加，或到 %2 查看。</translation>
    </message>
    <message>
        <source>Gate</source>
        <translation>门禁</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Nothing waits here any more: it was decided, or its run ended. Pipelines shows what its run does now.</source>
        <translation>这里不再有等待的事项：它已被决定，或其运行已结束。“流水线”会显示该运行的现状。</translation>
    </message>
    <message>
        <source>Ref</source>
        <translation>引用</translation>
    </message>
    <message>
        <source>May decide</source>
        <translation>可决定者</translation>
    </message>
    <message>
        <source>%1 does not say whether you may decide</source>
        <translation>%1 没有说明你是否可以决定</translation>
    </message>
    <message>
        <source>You may decide</source>
        <translation>你可以决定</translation>
    </message>
    <message>
        <source>You may not decide</source>
        <translation>你不可以决定</translation>
    </message>
    <message>
        <source>Approved: %1</source>
        <translation>已批准：%1</translation>
    </message>
    <message>
        <source>Rejected: %1</source>
        <translation>已驳回：%1</translation>
    </message>
    <message>
        <source>Approving: %1</source>
        <translation>正在批准：%1</translation>
    </message>
    <message>
        <source>Rejecting: %1</source>
        <translation>正在驳回：%1</translation>
    </message>
    <message>
        <source>What waits at %1 is not read yet: whether this gate is open still, nobody knows here. It is shown once it is read. %2</source>
        <translation>%1 上等待的门禁尚未读取：此处无法得知该门禁是否仍在等待。读取后即会显示。%2</translation>
    </message>
    <message>
        <source>Your approval is given: %1</source>
        <translation>你的批准已给出：%1</translation>
    </message>
</context>
<context>
    <name>signalbox::GateSources</name>
    <message>
        <source>Servers whose gates cannot be read</source>
        <translation>无法读取门禁的服务器</translation>
    </message>
    <message>
        <source>%1: its gates may have changed</source>
        <translation>%1：其门禁可能已有变化</translation>
    </message>
    <message>
        <source>%1: its gates are not known</source>
        <translation>%1：其门禁情况未知</translation>
    </message>
    <message>
        <source>The server does not say why.</source>
        <translation>服务器没有说明原因。</translation>
    </message>
    <message>
        <source>Give the connection&apos;s user or token that right, or name another one in Connections.</source>
        <translation>请授予该连接的用户或令牌此权限，或在“连接”中换用另一个。</translation>
    </message>
    <message>
        <source>What waits there is not in this list.</source>
        <translation>在那里等待的内容不在此列表中。</translation>
    </message>
    <message>
        <source>last read %1 ago</source>
        <translation>%1前最后读取</translation>
    </message>
    <message>
        <source>for %1</source>
        <translation>已 %1</translation>
    </message>
    <message>
        <source>Open Connections</source>
        <translation>打开“连接”</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查看</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>%1: not all of its gates are known</source>
        <translation>%1：其门禁并非全部已知</translation>
    </message>
</context>
<context>
    <name>signalbox::GatesModel</name>
    <message>
        <source>who may is not told</source>
        <translation>未告知谁可以决定</translation>
    </message>
    <message>
        <source>decided by %1</source>
        <translation>由 %1 决定</translation>
    </message>
    <message>
        <source>not live</source>
        <translation>非实时</translation>
    </message>
    <message>
        <source>you may decide</source>
        <translation>你可以决定</translation>
    </message>
    <message>
        <source>you may not decide</source>
        <translation>你不能决定</translation>
    </message>
</context>
<context>
    <name>signalbox::GitopsRollback</name>
    <message>
        <source>only in the cluster: %1 goes on saying otherwise</source>
        <translation>仅在集群中：%1 仍然说的是另一版本</translation>
    </message>
    <message>
        <source>What applies the repository may put it back: pause it, or go back by a commit.</source>
        <translation>应用代码仓库的程序可能会把它改回去：请暂停它，或通过提交回退。</translation>
    </message>
    <message>
        <source>Not by a commit: %1</source>
        <translation>不通过提交：%1</translation>
    </message>
    <message>
        <source>What applies the repository may put the present release back: pause it.</source>
        <translation>应用代码仓库的程序可能会恢复当前版本：请暂停它。</translation>
    </message>
    <message>
        <source>Whether a repository is followed here is not known: %1</source>
        <translation>不知道此处是否跟随代码仓库：%1</translation>
    </message>
</context>
<context>
    <name>signalbox::GroupCard</name>
    <message>
        <source>Pods of %1</source>
        <translation>%1 的 Pod</translation>
    </message>
</context>
<context>
    <name>signalbox::GuideOverlay</name>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>Esc. The help button brings the guide back.</source>
        <translation>按 Esc 退出。帮助按钮可重新打开向导。</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Guide, %1 of %2: %3</source>
        <translation>向导，第 %1 步（共 %2 步）：%3</translation>
    </message>
    <message>
        <source>Enter goes on, Left goes back, Esc skips.</source>
        <translation>Enter 下一步，左键上一步，Esc 跳过。</translation>
    </message>
</context>
<context>
    <name>signalbox::HeaderBar</name>
    <message>
        <source>Search or run a command</source>
        <translation>搜索或执行命令</translation>
    </message>
    <message>
        <source>Every page, application, workload, pod and command (Ctrl+K)</source>
        <translation>所有页面、应用、工作负载、Pod 和命令（Ctrl+K）</translation>
    </message>
    <message>
        <source>Roll back...</source>
        <translation>回滚…</translation>
    </message>
    <message>
        <source>Go back to an earlier version (Ctrl+Shift+R)</source>
        <translation>回到较早的版本（Ctrl+Shift+R）</translation>
    </message>
    <message>
        <source>Help: this screen, the guide (F1)</source>
        <translation>帮助：本页面说明、向导（F1）</translation>
    </message>
</context>
<context>
    <name>signalbox::HelpOverlay</name>
    <message>
        <source>Show the guide</source>
        <translation>显示向导</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>关闭（Esc）</translation>
    </message>
    <message>
        <source>Find anything, run anything</source>
        <translation>查找任何内容，执行任何命令</translation>
    </message>
    <message>
        <source>Roll back</source>
        <translation>回滚</translation>
    </message>
    <message>
        <source>Running requests</source>
        <translation>进行中的请求</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Arrows, Enter</source>
        <translation>方向键、Enter</translation>
    </message>
    <message>
        <source>Move in lists, open</source>
        <translation>在列表中移动、打开</translation>
    </message>
    <message>
        <source>Copy what is selected</source>
        <translation>复制所选内容</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>? or F1</source>
        <translation>? 或 F1</translation>
    </message>
    <message>
        <source>This help</source>
        <translation>本帮助</translation>
    </message>
    <message>
        <source>Help on %1</source>
        <translation>“%1”的帮助</translation>
    </message>
    <message>
        <source>Signs and colours</source>
        <translation>标志与颜色</translation>
    </message>
    <message>
        <source>Keys on this screen</source>
        <translation>本页快捷键</translation>
    </message>
    <message>
        <source>Keys everywhere</source>
        <translation>全局快捷键</translation>
    </message>
</context>
<context>
    <name>signalbox::HoldBinding</name>
    <message>
        <source>Held to act; pressing it with a screen reader asks instead.</source>
        <translation>长按执行；使用屏幕阅读器按下时会改为询问。</translation>
    </message>
    <message>
        <source>Not available: %1</source>
        <translation>不可用：%1</translation>
    </message>
    <message>
        <source>There is nothing to change.</source>
        <translation>没有需要变更的内容。</translation>
    </message>
    <message>
        <source>The plan is being made.</source>
        <translation>正在生成计划。</translation>
    </message>
    <message>
        <source>It is under way.</source>
        <translation>正在执行。</translation>
    </message>
    <message>
        <source>The plan is being checked.</source>
        <translation>正在检查计划。</translation>
    </message>
</context>
<context>
    <name>signalbox::HoldButton</name>
    <message>
        <source>Held to act; pressing it with a screen reader asks instead.</source>
        <translation>长按执行；使用屏幕阅读器按下时会改为询问。</translation>
    </message>
    <message>
        <source>hold Enter</source>
        <translation>长按 Enter</translation>
    </message>
</context>
<context>
    <name>signalbox::InboxDelegate</name>
    <message>
        <source>ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>under way</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>已驳回</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>rejected by %1</source>
        <translation>被 %1 驳回</translation>
    </message>
    <message>
        <source>rejected by %1: %2</source>
        <translation>被 %1 驳回：%2</translation>
    </message>
    <message>
        <source>%1, approved by %2</source>
        <translation>%1，由 %2 批准</translation>
    </message>
    <message>
        <source> and </source>
        <translation> 和 </translation>
    </message>
    <message>
        <source>asked by %1 · %2</source>
        <translation>由 %1 申请 · %2</translation>
    </message>
    <message>
        <source>not live</source>
        <translation>非实时</translation>
    </message>
</context>
<context>
    <name>signalbox::IncidentBanner</name>
    <message>
        <source>since first seen</source>
        <translation>自首次发现起</translation>
    </message>
    <message>
        <source>failing for %1</source>
        <translation>已故障 %1</translation>
    </message>
    <message>
        <source>since the first bad sample</source>
        <translation>自首个异常采样起</translation>
    </message>
    <message>
        <source>since the cluster reported it</source>
        <translation>自集群报告起</translation>
    </message>
</context>
<context>
    <name>signalbox::JobLogLines</name>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n 行</numerusform>
        </translation>
    </message>
    <message>
        <source>Line %1</source>
        <translation>第 %1 行</translation>
    </message>
    <message>
        <source>error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>folded group</source>
        <translation>已折叠的组</translation>
    </message>
    <message>
        <source>open group</source>
        <translation>已展开的组</translation>
    </message>
</context>
<context>
    <name>signalbox::JobLogSteps</name>
    <message>
        <source>Go to a step (Alt+Down, back Alt+Up)</source>
        <translation>转到步骤（Alt+↓，返回 Alt+↑）</translation>
    </message>
    <message>
        <source>steps: %1</source>
        <translation>步骤：%1</translation>
    </message>
    <message>
        <source>This log has no part of it.</source>
        <translation>此日志中没有该步骤的内容。</translation>
    </message>
</context>
<context>
    <name>signalbox::JobLogView</name>
    <message>
        <source>Only the first %1 of the selected lines were copied. Save the log to have all of it.</source>
        <translation>只复制了所选行中的前 %1 行。要得到全部内容，请保存日志。</translation>
    </message>
    <message>
        <source>follow</source>
        <translation>跟随</translation>
    </message>
    <message>
        <source>Stay at the end while more comes (End)</source>
        <translation>有新内容时停留在末尾（End）</translation>
    </message>
    <message>
        <source>times</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>wrap</source>
        <translation>换行</translation>
    </message>
    <message>
        <source>Long lines go on below</source>
        <translation>长行在下方继续显示</translation>
    </message>
    <message>
        <source>Find in the log (Ctrl+F)</source>
        <translation>在日志中查找（Ctrl+F）</translation>
    </message>
    <message>
        <source>Save the log...</source>
        <translation>保存日志…</translation>
    </message>
    <message>
        <source>Find in the log</source>
        <translation>在日志中查找</translation>
    </message>
    <message>
        <source>Capitals matter</source>
        <translation>区分大小写</translation>
    </message>
    <message>
        <source>Previous hit (Shift+F3)</source>
        <translation>上一处（Shift+F3）</translation>
    </message>
    <message>
        <source>Next hit (F3)</source>
        <translation>下一处（F3）</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>关闭（Esc）</translation>
    </message>
    <message>
        <source>The log goes on below.</source>
        <translation>日志在下方继续。</translation>
    </message>
    <message>
        <source>Follow again</source>
        <translation>重新跟随</translation>
    </message>
    <message>
        <source>errors: %1</source>
        <translation>错误：%1</translation>
    </message>
    <message>
        <source>Go to the first error, then to the next (F8, back Shift+F8)</source>
        <translation>转到第一个错误，然后是下一个（F8，返回用 Shift+F8）</translation>
    </message>
    <message>
        <source>No line looks like an error.</source>
        <translation>没有看起来像错误的行。</translation>
    </message>
    <message>
        <source>Nothing comes any more: the log is complete.</source>
        <translation>不会再有新内容：日志已完整。</translation>
    </message>
    <message>
        <source>Show when each line was written</source>
        <translation>显示每行写入的时间</translation>
    </message>
    <message>
        <source>This log says no times.</source>
        <translation>此日志没有时间信息。</translation>
    </message>
    <message>
        <source>more than %1</source>
        <translation>超过 %1</translation>
    </message>
    <message>
        <source>searching, %1 so far</source>
        <translation>正在查找，目前 %1</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>未找到</translation>
    </message>
    <message>
        <source>lines: %1</source>
        <translation>行：%1</translation>
    </message>
    <message>
        <source>%1 of %2 lines</source>
        <translation>第 %1 行，共 %2 行</translation>
    </message>
    <message>
        <source>The log could not be written to %1: %2. Choose another place.</source>
        <translation>无法将日志写入 %1：%2。请选择其他位置。</translation>
    </message>
    <message>
        <source>Nothing comes any more: the log is cut, not complete.</source>
        <translation>不会再有新内容：日志已中断，并不完整。</translation>
    </message>
</context>
<context>
    <name>signalbox::Journal</name>
    <message>
        <source>The journal %1 cannot be written (%2). Free some space or make the folder writable.</source>
        <translation>无法写入操作日志 %1（%2）。请释放空间，或让该文件夹可写。</translation>
    </message>
    <message>
        <source>The folder %1 of the journal cannot be made. Make the folder above it writable for you.</source>
        <translation>无法创建操作日志的文件夹 %1。请让其上级文件夹对你可写。</translation>
    </message>
</context>
<context>
    <name>signalbox::LanguageSwitch</name>
    <message>
        <source>The language stays as long as a dialog is open. Finish or close it, then choose again.</source>
        <translation>有对话框打开时不会切换语言。请先完成或关闭对话框，再重新选择。</translation>
    </message>
    <message>
        <source>Change the language now?</source>
        <translation>现在切换语言吗？</translation>
    </message>
    <message>
        <source>Something on these screens was typed and not saved, or can still be undone, and would be gone: %1. Running operations go on.</source>
        <translation>以下页面上有已输入但未保存、或仍可撤销的内容，切换后将丢失：%1。运行中的操作会继续。</translation>
    </message>
    <message>
        <source>Change the language</source>
        <translation>切换语言</translation>
    </message>
</context>
<context>
    <name>signalbox::Ledger</name>
    <message>
        <source>Another program keeps the ledger %1 locked.</source>
        <translation>另一个程序锁定了台账 %1。</translation>
    </message>
    <message>
        <source>%1 in the ledger %2 cannot be read: %3</source>
        <translation>台账 %2 中的 %1 无法读取：%3</translation>
    </message>
    <message>
        <source>Entries of yours (%1) have to be signed once more, behind those of others, and the security key %2 wants a touch for each. Share the ledger by hand (&quot;signalbox ledger share&quot;).</source>
        <translation>你的 %1 个条目须排在他人的条目之后重新签名，且安全密钥 %2 要求每个条目触碰一次。请手动共享台账（“signalbox ledger share”）。</translation>
    </message>
    <message>
        <source>The ledger %1 is signed already. Its policy says who may write; an admin adds people by changing policy.yaml and allowed_signers.</source>
        <translation>台账 %1 已启用签名。其策略规定谁可以写入；管理员通过更改 policy.yaml 和 allowed_signers 来添加人员。</translation>
    </message>
    <message>
        <source>%1 no longer has the commit %2, which it had before: it was rewound, or is another repository now. Nothing was sent or taken over. Ask who did that; to share with it all the same: git -C %3 update-ref -d %4</source>
        <translation>%1 不再有之前有过的提交 %2：它被回退过，或现在是另一个代码仓库。未发送也未采用任何内容。请询问是谁所为；若仍要与其共享：git -C %3 update-ref -d %4</translation>
    </message>
    <message>
        <source>Sharing the ledger was stopped.</source>
        <translation>台账的共享已停止。</translation>
    </message>
    <message>
        <source>Somebody else wrote to the ledger meanwhile. Nothing was written: look at what is new.</source>
        <translation>期间他人写入了台账。未写入任何内容：请查看新内容。</translation>
    </message>
    <message>
        <source>%1 is no commit.</source>
        <translation>%1 不是提交。</translation>
    </message>
    <message>
        <source>The ledger %1 is not signed: it has no policy that could be changed. The first admin begins with &quot;signalbox ledger init&quot;.</source>
        <translation>台账 %1 未签名：没有可更改的策略。首位管理员用“signalbox ledger init”开始。</translation>
    </message>
    <message>
        <source>Somebody else changed the policy meanwhile. Nothing was written: look at theirs, then make the change again.</source>
        <translation>其间有人更改了策略。没有写入任何内容：请先看对方的，再重做更改。</translation>
    </message>
    <message>
        <source>The ledger says exactly this already: nothing was written.</source>
        <translation>台账的内容已与此完全一致：没有写入任何内容。</translation>
    </message>
    <message>
        <source>The commit %1 of the ledger %2 neither adds one entry nor changes the policy: it is not written behind the entries of others.</source>
        <translation>台账 %2 的提交 %1 既没有添加一个条目，也没有更改策略：不会把它写在他人的条目之后。</translation>
    </message>
    <message>
        <source>The commit %1 of the ledger %2 changes the policy and was not signed with your key: it is not written behind the entries of others.</source>
        <translation>台账 %2 的提交 %1 更改了策略，但不是用你的密钥签名的：不会把它写在他人的条目之后。</translation>
    </message>
</context>
<context>
    <name>signalbox::LedgerFilters</name>
    <message>
        <source>Search words, commits, digests</source>
        <translation>搜索词语、提交、摘要</translation>
    </message>
    <message>
        <source>Search the ledger</source>
        <translation>搜索台账</translation>
    </message>
    <message>
        <source>application</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>person</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>proof</source>
        <translation>证明</translation>
    </message>
    <message>
        <source>time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>any</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>last 24 hours</source>
        <translation>最近 24 小时</translation>
    </message>
    <message>
        <source>last 7 days</source>
        <translation>最近 7 天</translation>
    </message>
    <message>
        <source>last 30 days</source>
        <translation>最近 30 天</translation>
    </message>
    <message>
        <source>last 90 days</source>
        <translation>最近 90 天</translation>
    </message>
    <message>
        <source>last 365 days</source>
        <translation>最近 365 天</translation>
    </message>
</context>
<context>
    <name>signalbox::LedgerModel</name>
    <message>
        <source>says the entry</source>
        <translation>条目自述</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>条目</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>By</source>
        <translation>操作者</translation>
    </message>
    <message>
        <source>Proof</source>
        <translation>证明</translation>
    </message>
</context>
<context>
    <name>signalbox::LedgerPage</name>
    <message>
        <source>shared with nobody: it stays on this machine</source>
        <translation>未与任何人共享：只保存在本机</translation>
    </message>
    <message>
        <source>being shared with %1</source>
        <translation>正在与 %1 共享</translation>
    </message>
    <message>
        <source>not shared yet: %1</source>
        <translation>尚未共享：%1</translation>
    </message>
    <message>
        <source>not shared with %1 yet</source>
        <translation>尚未与 %1 共享</translation>
    </message>
    <message>
        <source>%1 at %2</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>%1 not pushed yet, last contact with %2</source>
        <translation>%1 个尚未推送，最近一次联系：%2</translation>
    </message>
    <message>
        <source>all pushed to %1</source>
        <translation>已全部推送到 %1</translation>
    </message>
    <message>
        <source>%1 was copied.</source>
        <translation>已复制%1。</translation>
    </message>
    <message>
        <source>PDF report for auditors...</source>
        <translation>供审计员使用的 PDF 报告…</translation>
    </message>
    <message>
        <source>CSV for spreadsheets...</source>
        <translation>供电子表格使用的 CSV…</translation>
    </message>
    <message>
        <source>JSON with every field...</source>
        <translation>包含所有字段的 JSON…</translation>
    </message>
    <message>
        <source>Every entry is being checked.</source>
        <translation>正在检查所有条目。</translation>
    </message>
    <message>
        <source>%1 looked at so far. The newest stand below already; nothing is said of them yet.</source>
        <translation>目前已检查 %1 个。最新的条目已列在下方；尚未对其作出判断。</translation>
    </message>
    <message>
        <source>The newest stand below already; nothing is said of them yet.</source>
        <translation>最新的条目已列在下方；尚未对其作出判断。</translation>
    </message>
    <message>
        <source>There is no ledger yet.</source>
        <translation>还没有台账。</translation>
    </message>
    <message>
        <source>It begins by itself with the first operation.</source>
        <translation>它会随第一次操作自动开始。</translation>
    </message>
    <message>
        <source>The ledger cannot be read.</source>
        <translation>台账无法读取。</translation>
    </message>
    <message>
        <source>workspace %1</source>
        <translation>工作区 %1</translation>
    </message>
    <message>
        <source>%1 entries on this machine</source>
        <translation>本机有 %1 个条目</translation>
    </message>
    <message>
        <source>%1 not signed</source>
        <translation>%1 个未签名</translation>
    </message>
    <message>
        <source>%1 waiting for a second admin</source>
        <translation>%1 个等待第二位管理员</translation>
    </message>
    <message>
        <source>%1 not to be trusted</source>
        <translation>%1 个不可信</translation>
    </message>
    <message>
        <source>newest commit %1</source>
        <translation>最新提交 %1</translation>
    </message>
    <message>
        <source>policy of %1</source>
        <translation>策略来自 %1</translation>
    </message>
    <message>
        <source>being checked again</source>
        <translation>正在重新检查</translation>
    </message>
    <message>
        <source>checked at %1</source>
        <translation>检查于 %1</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>The ledger cannot be read</source>
        <translation>台账无法读取</translation>
    </message>
    <message>
        <source>Nothing is recorded yet</source>
        <translation>尚无任何记录</translation>
    </message>
    <message>
        <source>Every rollback, shift of traffic, promotion and approval leaves an entry here.</source>
        <translation>每次回滚、切流、晋级和批准都会在此留下一个条目。</translation>
    </message>
    <message>
        <source>No entry fits</source>
        <translation>没有符合的条目</translation>
    </message>
    <message>
        <source>Choose less, or search for something else.</source>
        <translation>请放宽筛选，或搜索其他内容。</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>显示全部</translation>
    </message>
    <message>
        <source>This entry is not in the list.</source>
        <translation>此条目不在列表中。</translation>
    </message>
    <message>
        <source>Export all %1 entries</source>
        <translation>导出全部 %1 个条目</translation>
    </message>
    <message>
        <source>Export the %1 of %2 entries that the list shows</source>
        <translation>导出列表所显示的 %1 个条目（共 %2 个）</translation>
    </message>
    <message>
        <source>%1 entries were written to %2.</source>
        <translation>已将 %1 个条目写入 %2。</translation>
    </message>
    <message>
        <source>Writing %1: %2 entries so far.</source>
        <translation>正在写入 %1：已写入 %2 个条目。</translation>
    </message>
    <message>
        <source>Writing %1: %2 entries were checked so far.</source>
        <translation>正在写入 %1：已检查 %2 个条目。</translation>
    </message>
    <message>
        <source>DORA figures</source>
        <translation>DORA 指标</translation>
    </message>
    <message>
        <source>Arrows</source>
        <translation>方向键</translation>
    </message>
    <message>
        <source>Choose an entry</source>
        <translation>选择条目</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Read it; Tab goes through what belongs to it</source>
        <translation>阅读条目；Tab 在其相关内容间移动</translation>
    </message>
    <message>
        <source>Search words, commits, digests</source>
        <translation>搜索文字、提交、摘要</translation>
    </message>
    <message>
        <source>Copy the chosen row</source>
        <translation>复制所选行</translation>
    </message>
    <message>
        <source>Export what the list shows</source>
        <translation>导出列表所显示的内容</translation>
    </message>
    <message>
        <source>Left, Right, Shift, Enter on the time line</source>
        <translation>时间线上的左、右、Shift、Enter</translation>
    </message>
    <message>
        <source>Choose a stretch of time</source>
        <translation>选择一段时间</translation>
    </message>
    <message>
        <source>Ledger</source>
        <translation>台账</translation>
    </message>
    <message>
        <source>There is no ledger in this window</source>
        <translation>此窗口中没有台账</translation>
    </message>
    <message>
        <source>It begins with the first operation on a cluster of yours; until then nothing is recorded.</source>
        <translation>它随着对你的集群的第一次操作开始；在此之前不会记录任何内容。</translation>
    </message>
    <message>
        <source>show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>entries</source>
        <translation>条目</translation>
    </message>
    <message>
        <source>Prove again</source>
        <translation>重新验证</translation>
    </message>
    <message>
        <source>Checks every signature and every rule anew, from the first entry on</source>
        <translation>从第一个条目起，重新检查每个签名和每条规则</translation>
    </message>
    <message>
        <source>Export...</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>What the list shows, as CSV, JSON or a PDF report for auditors (Ctrl+E)</source>
        <translation>将列表所显示的内容导出为 CSV、JSON 或供审计人员使用的 PDF 报告（Ctrl+E）</translation>
    </message>
    <message>
        <source>Cancel the export</source>
        <translation>取消导出</translation>
    </message>
    <message>
        <source>The export was cancelled; nothing was written.</source>
        <translation>导出已取消；未写入任何内容。</translation>
    </message>
    <message>
        <source>Entries</source>
        <translation>条目</translation>
    </message>
    <message>
        <source>Entries of the ledger, newest first</source>
        <translation>台账的条目，最新的在前</translation>
    </message>
    <message>
        <source>It cannot be looked at any more; what stands here was true at %1. %2</source>
        <translation>已无法再查看；此处内容在 %1 时为真。%2</translation>
    </message>
    <message>
        <source>Write a note</source>
        <translation>写备注</translation>
    </message>
    <message>
        <source>It is signed with your name and kept in the ledger for good.</source>
        <translation>备注以你的名义签名，并永久保存在台账中。</translation>
    </message>
    <message>
        <source>About %1. It is signed with your name and kept in the ledger for good.</source>
        <translation>关于 %1。备注以你的名义签名，并永久保存在台账中。</translation>
    </message>
    <message>
        <source>Sign the note</source>
        <translation>签署备注</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Noted on this machine; it is sent later: %1</source>
        <translation>已记在本机，稍后发送：%1</translation>
    </message>
    <message>
        <source>Noted.</source>
        <translation>已记下。</translation>
    </message>
    <message>
        <source>Note...</source>
        <translation>备注…</translation>
    </message>
    <message>
        <source>Writes a remark into the ledger, signed with your name</source>
        <translation>在台账中写一条备注，以你的名义签名</translation>
    </message>
</context>
<context>
    <name>signalbox::LogCard</name>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Saved %1 lines to %2.</source>
        <translation>已将 %1 行保存到 %2。</translation>
    </message>
    <message>
        <source>%1 log</source>
        <translation>%1 日志</translation>
    </message>
    <message>
        <source>follows</source>
        <translation>跟随中</translation>
    </message>
    <message>
        <source>No log</source>
        <translation>没有日志</translation>
    </message>
    <message>
        <source>Choose a stage above: its log is shown here.</source>
        <translation>在上方选择一个阶段：其日志显示在这里。</translation>
    </message>
    <message>
        <source>The server keeps none of this job.</source>
        <translation>服务器没有保留该作业的日志。</translation>
    </message>
    <message>
        <source>There is none before the job has begun.</source>
        <translation>作业开始之前没有日志。</translation>
    </message>
    <message>
        <source>The log could not be read</source>
        <translation>无法读取日志</translation>
    </message>
    <message>
        <source>The log is empty</source>
        <translation>日志为空</translation>
    </message>
    <message>
        <source>The job wrote nothing.</source>
        <translation>作业没有输出任何内容。</translation>
    </message>
    <message>
        <source>Save the log</source>
        <translation>保存日志</translation>
    </message>
    <message>
        <source>The server has another log of %1 now: it is read from its beginning.</source>
        <translation>服务器上 %1 的日志已换成另一份：正从头读取。</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>Read on</source>
        <translation>继续读取</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>重新读取</translation>
    </message>
    <message>
        <source>cut</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>No log yet</source>
        <translation>尚无日志</translation>
    </message>
    <message>
        <source>The server has nothing of it so far.</source>
        <translation>服务器目前还没有内容。</translation>
    </message>
    <message>
        <source>%1 has started.</source>
        <translation>%1 已开始。</translation>
    </message>
    <message numerus="yes">
        <source>Cut at %n line(s) since %1.</source>
        <translation>
            <numerusform>日志自 %1 起在第 %n 行处中断。</numerusform>
        </translation>
    </message>
    <message>
        <source>The server had no more of it then; the job goes on.</source>
        <translation>服务器当时没有更多内容；作业仍在进行。</translation>
    </message>
    <message>
        <source>The server says that there is more.</source>
        <translation>服务器表示还有更多内容。</translation>
    </message>
    <message>
        <source>Run this job again...</source>
        <translation>重新运行此作业…</translation>
    </message>
    <message>
        <source>The server gives none before the job has ended.</source>
        <translation>作业结束之前，服务器不提供日志。</translation>
    </message>
    <message>
        <source>%1 was run again.</source>
        <translation>%1 已重新运行。</translation>
    </message>
    <message>
        <source>The run is still being read.</source>
        <translation>正在读取这次运行。</translation>
    </message>
</context>
<context>
    <name>signalbox::LogLinesView</name>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
</context>
<context>
    <name>signalbox::LogView</name>
    <message>
        <source>%1 lines</source>
        <translation>%1 行</translation>
    </message>
</context>
<context>
    <name>signalbox::MainWindow</name>
    <message>
        <source>Show Signalbox</source>
        <translation>显示 Signalbox</translation>
    </message>
    <message>
        <source>Roll back...</source>
        <translation>回滚…</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Operations are not available in this window.</source>
        <translation>此窗口中无法执行操作。</translation>
    </message>
    <message>
        <source>TLS certificates are not verified for %1.</source>
        <translation>未验证 %1 的 TLS 证书。</translation>
    </message>
    <message>
        <source>Anyone on the way can read your credentials and change what you see and do. Remove insecure-skip-tls-verify and name the certificate authority instead.</source>
        <translation>中间的任何人都可以读取你的凭据，并篡改你看到的内容和你的操作。请删除 insecure-skip-tls-verify，改为指定证书颁发机构。</translation>
    </message>
    <message>
        <source>Open connections</source>
        <translation>打开“连接”</translation>
    </message>
    <message>
        <source>Page</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>Key %1</source>
        <translation>按键 %1</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>Application</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Roll back %1</source>
        <translation>回滚 %1</translation>
    </message>
    <message>
        <source>Move traffic of %1</source>
        <translation>切换 %1 的流量</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Unpin %1</source>
        <translation>取消固定 %1</translation>
    </message>
    <message>
        <source>Pin %1</source>
        <translation>固定 %1</translation>
    </message>
    <message>
        <source>Workload</source>
        <translation>工作负载</translation>
    </message>
    <message>
        <source>Restart %1</source>
        <translation>重启 %1</translation>
    </message>
    <message>
        <source>Scale %1</source>
        <translation>扩缩 %1</translation>
    </message>
    <message>
        <source>Resume %1</source>
        <translation>恢复 %1</translation>
    </message>
    <message>
        <source>Pause %1</source>
        <translation>暂停 %1</translation>
    </message>
    <message>
        <source>Pod</source>
        <translation>Pod</translation>
    </message>
    <message>
        <source>Add a cluster</source>
        <translation>添加集群</translation>
    </message>
    <message>
        <source>From a kubeconfig context</source>
        <translation>来自 kubeconfig 上下文</translation>
    </message>
    <message>
        <source>Add a Prometheus</source>
        <translation>添加 Prometheus</translation>
    </message>
    <message>
        <source>By its address</source>
        <translation>按地址添加</translation>
    </message>
    <message>
        <source>Read %1 again</source>
        <translation>重新读取 %1</translation>
    </message>
    <message>
        <source>Lists and watches everything anew</source>
        <translation>重新列出并监视全部内容</translation>
    </message>
    <message>
        <source>Show running requests</source>
        <translation>显示进行中的请求</translation>
    </message>
    <message>
        <source>Language: %1</source>
        <translation>语言 (Language)：%1</translation>
    </message>
    <message>
        <source>Language of the system</source>
        <translation>跟随系统语言 (Language)</translation>
    </message>
    <message>
        <source>Dark theme</source>
        <translation>深色主题</translation>
    </message>
    <message>
        <source>Light theme</source>
        <translation>浅色主题</translation>
    </message>
    <message>
        <source>Theme of the system</source>
        <translation>跟随系统主题</translation>
    </message>
    <message>
        <source>Help on %1</source>
        <translation>“%1”的帮助</translation>
    </message>
    <message>
        <source>Show the guide</source>
        <translation>显示向导</translation>
    </message>
    <message>
        <source>Every screen has a number</source>
        <translation>每个页面都有编号</translation>
    </message>
    <message>
        <source>Press 1 to 8 to go there, Esc to come back. A badge counts what needs a look on it.</source>
        <translation>按 1 到 8 前往，按 Esc 返回。角标表示该页面上需要查看的数量。</translation>
    </message>
    <message>
        <source>Every application, in every environment</source>
        <translation>所有环境中的所有应用</translation>
    </message>
    <message>
        <source>The sign says how it is, the bar who gets the traffic. Enter opens the place where something can be done: its traffic, or its way back.</source>
        <translation>标志表示状况，条形表示流量归属。按 Enter 打开可以处理的地方：其流量或其退路。</translation>
    </message>
    <message>
        <source>The way back, from anywhere</source>
        <translation>随处可达的退路</translation>
    </message>
    <message>
        <source>Ctrl+Shift+R plans the rollback of what is chosen and shows what it would do. Nothing happens before you hold the button.</source>
        <translation>Ctrl+Shift+R 为所选内容计划回滚，并显示会做什么。在你长按按钮之前不会发生任何事。</translation>
    </message>
    <message>
        <source>Ctrl+K finds the rest</source>
        <translation>Ctrl+K 找到其余一切</translation>
    </message>
    <message>
        <source>Every application, workload, pod and command by a few letters, and why something cannot be done now.</source>
        <translation>只需几个字母即可找到任何应用、工作负载、Pod 和命令，以及某项操作现在为何不可用。</translation>
    </message>
    <message>
        <source>How old is what you see</source>
        <translation>你看到的数据有多新</translation>
    </message>
    <message>
        <source>Each connection says when it was last heard. What is stale is greyed, never shown as live. ? or F1 explains any screen.</source>
        <translation>每个连接都会说明上次收到消息的时间。陈旧的数据会变灰，绝不冒充实时。按 ? 或 F1 可了解任何页面。</translation>
    </message>
    <message>
        <source>Help on this screen</source>
        <translation>本页面的帮助</translation>
    </message>
    <message>
        <source>Five places to know</source>
        <translation>需要了解的五个地方</translation>
    </message>
    <message>
        <source>%1 to %2 does not start by itself: %3</source>
        <translation>%1 到 %2 不会自动启动：%3</translation>
    </message>
    <message>
        <source>Ask for a promotion</source>
        <translation>申请晋级</translation>
    </message>
    <message>
        <source>A release from one environment to the next</source>
        <translation>把版本从一个环境带到下一个</translation>
    </message>
    <message>
        <source>Order a freeze</source>
        <translation>下达冻结</translation>
    </message>
    <message>
        <source>No promotion starts in that time</source>
        <translation>这段时间内没有晋级会启动</translation>
    </message>
    <message>
        <source>Compare two releases</source>
        <translation>比较两个版本</translation>
    </message>
    <message>
        <source>Commits, files and people between them</source>
        <translation>两者之间的提交、文件和人员</translation>
    </message>
    <message numerus="yes">
        <source>Signalbox: %n decision(s) wait for you</source>
        <translation>
            <numerusform>Signalbox：%n 个决定在等你</numerusform>
        </translation>
    </message>
    <message>
        <source>Pipeline</source>
        <translation>流水线</translation>
    </message>
    <message>
        <source>Trigger %1</source>
        <translation>触发 %1</translation>
    </message>
    <message>
        <source>Its server does not let it be started by hand.</source>
        <translation>其服务器不允许手动启动。</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Add a server with pipelines</source>
        <translation>添加带流水线的服务器</translation>
    </message>
    <message>
        <source>Jenkins, GitHub, GitLab or Travis CI</source>
        <translation>Jenkins、GitHub、GitLab 或 Travis CI</translation>
    </message>
    <message>
        <source>Go back in an environment of %1</source>
        <translation>在 %1 的环境中回退</translation>
    </message>
    <message numerus="yes">
        <source>the gates of %n server(s) are not known now</source>
        <translation>
            <numerusform>现在不知道 %n 台服务器的门禁情况</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::MakingRun</name>
    <message>
        <source>Pipeline</source>
        <translation>流水线</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Open the run</source>
        <translation>打开该运行</translation>
    </message>
    <message>
        <source>%1 #%2: %3</source>
        <translation>%1 #%2：%3</translation>
    </message>
    <message>
        <source>(as of %1)</source>
        <translation>（截至 %1）</translation>
    </message>
    <message>
        <source>(not live)</source>
        <translation>（非实时）</translation>
    </message>
    <message>
        <source>other pipelines that ran for it: %1</source>
        <translation>为它运行过的其他流水线：%1</translation>
    </message>
    <message>
        <source>which commit it was built from is not known</source>
        <translation>不清楚它由哪个提交构建</translation>
    </message>
    <message>
        <source>no run of commit %1 is among those known here</source>
        <translation>此处已知的运行中没有提交 %1 的运行</translation>
    </message>
    <message>
        <source>Told only: the policy does not ask for it.</source>
        <translation>仅供参考：策略不要求它。</translation>
    </message>
</context>
<context>
    <name>signalbox::MetricRow</name>
    <message>
        <source>Metrics</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>%1 %2: %3</source>
        <translation>%1 %2：%3</translation>
    </message>
    <message>
        <source>The limit is %1.</source>
        <translation>阈值为 %1。</translation>
    </message>
    <message>
        <source>The limit is %1: three times that of %2, and of errors at least one point more.</source>
        <translation>阈值为 %1：%2 的三倍，错误率则至少高出一个百分点。</translation>
    </message>
    <message>
        <source>%1: no data, although it gets traffic</source>
        <translation>%1：无数据，尽管它有流量</translation>
    </message>
    <message>
        <source>no data</source>
        <translation>无数据</translation>
    </message>
    <message>
        <source>%1: no data; it may get traffic</source>
        <translation>%1：没有数据；它可能有流量</translation>
    </message>
    <message>
        <source>%1 %2: too few requests to tell, about %3 in five minutes</source>
        <translation>%1 %2：请求太少，无法判断（五分钟内约 %3 个）</translation>
    </message>
    <message>
        <source>too few</source>
        <translation>太少</translation>
    </message>
</context>
<context>
    <name>signalbox::MetricsPage</name>
    <message>
        <source>Back to live</source>
        <translation>回到实时</translation>
    </message>
    <message>
        <source>1 s</source>
        <translation>1 秒</translation>
    </message>
    <message>
        <source>2 s</source>
        <translation>2 秒</translation>
    </message>
    <message>
        <source>5 s</source>
        <translation>5 秒</translation>
    </message>
    <message>
        <source>15 s</source>
        <translation>15 秒</translation>
    </message>
    <message>
        <source>60 s</source>
        <translation>60 秒</translation>
    </message>
    <message>
        <source>Add query</source>
        <translation>添加查询</translation>
    </message>
    <message>
        <source>Export CSV</source>
        <translation>导出 CSV</translation>
    </message>
    <message>
        <source>What is visible, as comma-separated values in UTC</source>
        <translation>当前可见的数据，逗号分隔，时间为 UTC</translation>
    </message>
    <message>
        <source>Alerts and rules</source>
        <translation>告警与规则</translation>
    </message>
    <message>
        <source>Filter alerts</source>
        <translation>筛选告警</translation>
    </message>
    <message>
        <source>No metrics yet</source>
        <translation>还没有指标</translation>
    </message>
    <message>
        <source>Add the Prometheus that watches your applications; its panels are found by themselves.</source>
        <translation>请添加监控你的应用的 Prometheus；其面板会自动发现。</translation>
    </message>
    <message>
        <source>Add Prometheus</source>
        <translation>添加 Prometheus</translation>
    </message>
    <message>
        <source>The metrics could not be searched</source>
        <translation>无法搜索指标</translation>
    </message>
    <message>
        <source>no data: nothing known about %1</source>
        <translation>无数据：对 %1 一无所知</translation>
    </message>
    <message>
        <source>%1 has none of the metrics this program knows for this application. Write a query of your own.</source>
        <translation>%1 中没有本程序所知的该应用的指标。请自己编写查询。</translation>
    </message>
    <message>
        <source>▲ data %1 old</source>
        <translation>▲ %1前的数据</translation>
    </message>
    <message>
        <source>data %1 old</source>
        <translation>%1前的数据</translation>
    </message>
    <message>
        <source>Mean age of what the panels show. A new point comes every %1.</source>
        <translation>各面板数据的平均时延。每 %1有一个新数据点。</translation>
    </message>
    <message>
        <source>%1 firing · %2 in all</source>
        <translation>%1 条告警中 · 共 %2 条</translation>
    </message>
    <message>
        <source>%1 rules, none firing</source>
        <translation>%1 条规则，均未触发</translation>
    </message>
    <message>
        <source>No alerting rules</source>
        <translation>没有告警规则</translation>
    </message>
    <message>
        <source>This source has no alerting rules configured.</source>
        <translation>该来源没有配置告警规则。</translation>
    </message>
    <message>
        <source>Export what is visible</source>
        <translation>导出可见内容</translation>
    </message>
    <message>
        <source>Saved %1</source>
        <translation>已保存 %1</translation>
    </message>
    <message>
        <source>%1 could not be written: %2. Choose another place.</source>
        <translation>%1 无法写入：%2。请另选位置。</translation>
    </message>
    <message>
        <source>zoom the charts</source>
        <translation>缩放图表</translation>
    </message>
    <message>
        <source>move the charts in time</source>
        <translation>沿时间移动图表</translation>
    </message>
    <message>
        <source>move the cross-hair</source>
        <translation>移动十字线</translation>
    </message>
    <message>
        <source>back to the chosen range</source>
        <translation>回到所选范围</translation>
    </message>
    <message>
        <source>copy the values of a chart</source>
        <translation>复制图表的值</translation>
    </message>
    <message>
        <source>edit the query of the chart in focus</source>
        <translation>编辑焦点所在图表的查询</translation>
    </message>
    <message>
        <source>application</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>refresh</source>
        <translation>刷新</translation>
    </message>
</context>
<context>
    <name>signalbox::MetricsPresenter</name>
    <message>
        <source>everything</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>There is no source to keep this query for.</source>
        <translation>没有可保存此查询的来源。</translation>
    </message>
</context>
<context>
    <name>signalbox::NavItem</name>
    <message>
        <source>%1 (key %2)</source>
        <translation>%1（按键 %2）</translation>
    </message>
    <message>
        <source>%1, %2 %3</source>
        <translation>%1，%2 %3</translation>
    </message>
</context>
<context>
    <name>signalbox::Obligations</name>
    <message>
        <source>everything</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>every environment</source>
        <translation>所有环境</translation>
    </message>
    <message>
        <source>Holds, freezes and debts</source>
        <translation>搁置、冻结与欠签</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Not available: %1</source>
        <translation>不可用：%1</translation>
    </message>
    <message>
        <source>Debt: %1</source>
        <translation>欠签：%1</translation>
    </message>
    <message>
        <source>Countersign...</source>
        <translation>会签…</translation>
    </message>
    <message>
        <source>Frozen: %1</source>
        <translation>已冻结：%1</translation>
    </message>
    <message>
        <source>Held: %1</source>
        <translation>已搁置：%1</translation>
    </message>
    <message>
        <source>by %1 since %2</source>
        <translation>由 %1 发起，始于 %2</translation>
    </message>
    <message>
        <source>, until %1</source>
        <translation>，直至 %1</translation>
    </message>
    <message>
        <source>Lift...</source>
        <translation>解除…</translation>
    </message>
    <message>
        <source>May countersign: %1</source>
        <translation>可以会签：%1</translation>
    </message>
    <message>
        <source>Will be frozen: %1</source>
        <translation>将被冻结：%1</translation>
    </message>
    <message>
        <source>Perhaps frozen: %1</source>
        <translation>可能已冻结：%1</translation>
    </message>
    <message>
        <source>by %1; when it repeats cannot be told here</source>
        <translation>由 %1 下令；此处无法判断它何时重复</translation>
    </message>
    <message>
        <source>by %1, not within a year</source>
        <translation>由 %1 下令，一年之内不会出现</translation>
    </message>
    <message>
        <source>by %1, next from %2</source>
        <translation>由 %1 下令，下次从 %2 开始</translation>
    </message>
    <message>
        <source>by %1 from %2</source>
        <translation>由 %1 下令，从 %2 开始</translation>
    </message>
    <message>
        <source>, repeats by %1 (%2)</source>
        <translation>，按 %1 重复（%2）</translation>
    </message>
    <message>
        <source>Opened</source>
        <translation>已展开</translation>
    </message>
</context>
<context>
    <name>signalbox::OciRegistry</name>
    <message>
        <source>The registry %1 refused the credential for %2. Check &quot;auth&quot; of the registry %3.</source>
        <translation>镜像仓库 %1 拒绝了用于 %2 的凭据。请检查镜像仓库 %3 的“auth”。</translation>
    </message>
    <message>
        <source>The registry %1 does not let this user read %2.</source>
        <translation>镜像仓库 %1 不允许该用户读取 %2。</translation>
    </message>
    <message>
        <source>The registry %1 has no %2.</source>
        <translation>镜像仓库 %1 中没有 %2。</translation>
    </message>
    <message>
        <source>The registry %1 takes no more questions for now (%2). It is asked again later; a user of the registry may ask more than nobody.</source>
        <translation>镜像仓库 %1 暂时不再接受请求（%2）。稍后会再次请求；已登录的用户可以请求得更多。</translation>
    </message>
    <message>
        <source>The registry %1 answered %2 with HTTP status %3.</source>
        <translation>镜像仓库 %1 对 %2 的应答是 HTTP 状态 %3。</translation>
    </message>
    <message>
        <source>What the registry %1 gave for %2 is something else (%3). It is not believed: is a proxy in between, or the registry damaged?</source>
        <translation>镜像仓库 %1 对 %2 给出的是别的内容（%3）。不予采信：中间是否有代理，或镜像仓库已损坏？</translation>
    </message>
    <message>
        <source>It was asked for %1.</source>
        <translation>请求的是 %1。</translation>
    </message>
    <message>
        <source>%1 is no repository of the registry %2.</source>
        <translation>%1 不是镜像仓库 %2 中的仓库。</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is neither a tag nor a digest of an image.</source>
        <translation>“%1”既不是镜像的标签，也不是摘要。</translation>
    </message>
</context>
<context>
    <name>signalbox::Operation</name>
    <message>
        <source>Another operation is under way here: %1</source>
        <translation>此处正有另一项操作进行中：%1</translation>
    </message>
    <message>
        <source>Wait for it, or stop it first.</source>
        <translation>请等待其结束，或先将其停止。</translation>
    </message>
    <message>
        <source>the remote did not answer it in time</source>
        <translation>远端没有及时响应</translation>
    </message>
    <message>
        <source>The remote accepted a dry run.</source>
        <translation>远端接受了试运行。</translation>
    </message>
    <message>
        <source>Nothing was written: %1</source>
        <translation>未写入任何内容：%1</translation>
    </message>
    <message>
        <source>The remote offers no dry run.</source>
        <translation>远端不提供试运行。</translation>
    </message>
    <message>
        <source>Ask for the right that is named.</source>
        <translation>请申请所列的权限。</translation>
    </message>
    <message>
        <source>The dry run failed: %1</source>
        <translation>试运行失败：%1</translation>
    </message>
    <message>
        <source>Make the plan again once the cause is gone.</source>
        <translation>请在原因消除后重新生成计划。</translation>
    </message>
    <message>
        <source>Refused, nothing was written: %1 %2</source>
        <translation>被拒绝，未写入任何内容：%1。%2</translation>
    </message>
    <message>
        <source>Dry run: nothing was written.</source>
        <translation>试运行：未写入任何内容。</translation>
    </message>
    <message>
        <source>Another operation of yours is under way here. Wait for it or stop it first.</source>
        <translation>你的另一项操作正在此处进行。请等待其结束，或先将其停止。</translation>
    </message>
    <message>
        <source>Not locked against other programs on this machine: %1</source>
        <translation>未对本机其他程序加锁：%1</translation>
    </message>
    <message>
        <source>Took over from %1, which did not answer.</source>
        <translation>已从没有响应的 %1 接管。</translation>
    </message>
    <message>
        <source>Not locked against other operators: %1</source>
        <translation>未对其他操作员加锁：%1</translation>
    </message>
    <message>
        <source>Goes on without a journal: %1</source>
        <translation>在没有操作日志的情况下继续：%1</translation>
    </message>
    <message>
        <source>Refused, nothing was written: %1</source>
        <translation>被拒绝，未写入任何内容：%1</translation>
    </message>
    <message>
        <source>the lock against other operators was not answered in time</source>
        <translation>针对其他操作员的锁没有及时响应</translation>
    </message>
    <message>
        <source>lock and journal on this machine did not answer in time</source>
        <translation>本机的锁和操作日志没有及时响应</translation>
    </message>
    <message>
        <source>%1. Try again.</source>
        <translation>%1。请重试。</translation>
    </message>
    <message>
        <source>Not locked against other programs on this machine: no answer in time.</source>
        <translation>未对本机其他程序加锁：没有及时响应。</translation>
    </message>
    <message>
        <source>Goes on without a journal: the disk did not answer in time.</source>
        <translation>在没有操作日志的情况下继续：磁盘没有及时响应。</translation>
    </message>
    <message>
        <source>Not locked against other operators: no answer in time.</source>
        <translation>未对其他操作员加锁：没有及时响应。</translation>
    </message>
    <message>
        <source>The lock against other operators was not given back (%1); it ends by itself.</source>
        <translation>针对其他操作员的锁未能释放（%1）；它会自行到期。</translation>
    </message>
    <message>
        <source>somebody who is done by now</source>
        <translation>已经结束操作的人</translation>
    </message>
    <message>
        <source>The lock against other operators could not be renewed: %1</source>
        <translation>针对其他操作员的锁未能续期：%1</translation>
    </message>
    <message>
        <source>Paused by you.</source>
        <translation>由你暂停。</translation>
    </message>
    <message>
        <source>Its answer had not come when going back took over.</source>
        <translation>回退接管时，它的响应尚未到达。</translation>
    </message>
    <message>
        <source>Gave way to going back: %1.</source>
        <translation>已为回退让路：%1。</translation>
    </message>
    <message>
        <source>Cancelled: nothing was sent.</source>
        <translation>已取消：没有发送任何内容。</translation>
    </message>
    <message>
        <source>Cancelled: nothing more was sent.</source>
        <translation>已取消：没有再发送任何内容。</translation>
    </message>
    <message>
        <source>The outcome is not in the journal yet: the disk does not answer.</source>
        <translation>结果尚未写入操作日志：磁盘没有响应。</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n step(s) took effect and stay so.</source>
        <translation>
            <numerusform>%n 步中的 %1 步已生效并保持。</numerusform>
        </translation>
    </message>
    <message>
        <source>The last one was accepted; its effect was not seen.</source>
        <translation>最后一步已被接受；尚未看到其生效。</translation>
    </message>
    <message>
        <source>Left as it is until somebody ends it: &quot;%1&quot;.</source>
        <translation>在有人解除之前保持原样：“%1”。</translation>
    </message>
    <message>
        <source>To end it: %1</source>
        <translation>解除方法：%1</translation>
    </message>
    <message>
        <source>To end it: %1.</source>
        <translation>解除方法：%1。</translation>
    </message>
    <message>
        <source>Roll back %1 in %2 to %3</source>
        <translation>将 %2 中的 %1 回滚到 %3</translation>
    </message>
    <message>
        <source>Shift traffic of %1 in %2 to %3</source>
        <translation>将 %2 中 %1 的流量调整为 %3</translation>
    </message>
    <message>
        <source>Switch traffic of %1 in %2 to %3</source>
        <translation>将 %2 中 %1 的流量整体切换到 %3</translation>
    </message>
    <message>
        <source>Scale %1 in %2 to %3</source>
        <translation>将 %2 中的 %1 扩缩到 %3</translation>
    </message>
    <message>
        <source>Restart %1 in %2</source>
        <translation>重启 %2 中的 %1</translation>
    </message>
    <message>
        <source>Pause %1 in %2</source>
        <translation>暂停 %2 中的 %1</translation>
    </message>
    <message>
        <source>Resume %1 in %2</source>
        <translation>恢复 %2 中的 %1</translation>
    </message>
    <message>
        <source>Pause reconciliation of %1 in %2</source>
        <translation>暂停 %2 中 %1 的调谐</translation>
    </message>
    <message>
        <source>No answer within the deadline.</source>
        <translation>在期限内没有响应。</translation>
    </message>
    <message>
        <source>It could not be taken back: %1</source>
        <translation>无法撤回：%1</translation>
    </message>
    <message>
        <source>Conflict, nothing was written: %1</source>
        <translation>冲突，未写入任何内容：%1</translation>
    </message>
    <message numerus="yes">
        <source>Stopped at step %1 of %n: %2</source>
        <translation>
            <numerusform>在第 %1 步（共 %n 步）停止：%2</numerusform>
        </translation>
    </message>
    <message>
        <source>The call did not take effect (%1); it was not repeated.</source>
        <translation>该调用没有生效（%1）；没有重复执行。</translation>
    </message>
    <message>
        <source>Outcome unknown: the answer was lost and reading again could not tell (%1). Look at the state before you act again.</source>
        <translation>结果未知：响应丢失，重新读取也无法判断（%1）。再次操作之前请查看当前状态。</translation>
    </message>
    <message>
        <source>no answer</source>
        <translation>没有响应</translation>
    </message>
    <message>
        <source>no answer for %1 s; before that: %2</source>
        <translation>%1 秒没有响应；此前：%2</translation>
    </message>
    <message>
        <source>Accepted, but its effect could not be read: %1</source>
        <translation>已被接受，但无法读取其效果：%1</translation>
    </message>
    <message>
        <source>nothing happened within the deadline</source>
        <translation>在期限内没有任何变化</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>taking it back is not effective: %1</source>
        <translation>撤回没有生效：%1</translation>
    </message>
    <message>
        <source>not effective: %1</source>
        <translation>没有生效：%1</translation>
    </message>
    <message>
        <source>Abandoned: taken back, and seen to be (%1).</source>
        <translation>已放弃：已撤回，并已确认（%1）。</translation>
    </message>
    <message>
        <source>Abandoned: written back; nothing reports whether that is in force (%1).</source>
        <translation>已放弃：已写回；没有信息说明是否生效（%1）。</translation>
    </message>
    <message>
        <source>done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>done: %1</source>
        <translation>完成：%1</translation>
    </message>
    <message>
        <source>written; nothing reports whether it is in force (%1)</source>
        <translation>已写入；没有信息说明是否生效（%1）</translation>
    </message>
    <message>
        <source>This computer slept, or its clock was set, for %1 s during the wait. Look at the metrics before you go on.</source>
        <translation>等待期间本机休眠或时钟被调整了 %1 秒。继续之前请查看指标。</translation>
    </message>
    <message>
        <source>It cannot be taken back: %1</source>
        <translation>无法撤回：%1</translation>
    </message>
    <message>
        <source>The program ended while this was being taken back; whether that took place cannot be told: %1</source>
        <translation>程序在撤回过程中结束；无法判断撤回是否已执行：%1</translation>
    </message>
    <message>
        <source>The program ended during this. &quot;%1&quot; took place; whether the step after it did cannot be told: %2</source>
        <translation>程序在执行过程中结束。“%1”已执行；无法判断其后一步是否执行：%2</translation>
    </message>
    <message>
        <source>The program ended during this; whether anything was changed cannot be told: %1</source>
        <translation>程序在执行过程中结束；无法判断是否有任何变更：%1</translation>
    </message>
    <message>
        <source>The program ended during this, before anything was changed.</source>
        <translation>程序在变更任何内容之前结束。</translation>
    </message>
    <message numerus="yes">
        <source>The program ended during this. Step %1 of %n is in place and stays, what comes after it is not: %2.</source>
        <translation>
            <numerusform>程序在执行过程中结束。%n 步中的第 %1 步已生效并保持，其后的步骤没有执行：%2。</numerusform>
        </translation>
    </message>
    <message>
        <source>The program ended during this. The last call took place; its effect cannot be read: %1</source>
        <translation>程序在执行过程中结束。最后一次调用已执行；无法读取其效果：%1</translation>
    </message>
    <message>
        <source>The program ended during this. Seen now: not effective: %1</source>
        <translation>程序在执行过程中结束。现在看到：没有生效：%1</translation>
    </message>
    <message>
        <source>The program ended while this was taken back. Seen now: %1</source>
        <translation>程序在撤回过程中结束。现在看到：%1</translation>
    </message>
    <message>
        <source>The program ended while this was taken back. Seen now: written back; nothing reports whether that is in force (%1)</source>
        <translation>程序在撤回过程中结束。现在看到：已写回；没有信息说明是否生效（%1）</translation>
    </message>
    <message>
        <source>The program ended during this. Seen now: written; nothing reports whether it is in force (%1)</source>
        <translation>程序在执行过程中结束。现在看到：已写入；没有信息说明是否生效（%1）</translation>
    </message>
    <message>
        <source>The program ended during this. Seen now: done: %1</source>
        <translation>程序在执行过程中结束。现在看到：完成：%1</translation>
    </message>
    <message>
        <source>Promote %1 to %2: %3</source>
        <translation>将 %1 晋级到 %2：%3</translation>
    </message>
    <message>
        <source>Steps that had taken effect by then: %1 of %2.</source>
        <translation>到那时已生效的步骤：%1，共 %2。</translation>
    </message>
    <message>
        <source>Run %1 again: %2</source>
        <translation>重新运行 %1：%2</translation>
    </message>
    <message>
        <source>Cancel %2 of %1</source>
        <translation>取消 %1 的 %2</translation>
    </message>
    <message>
        <source>Start a run of %1: %2</source>
        <translation>启动 %1 的运行：%2</translation>
    </message>
    <message>
        <source>Decide the gate of %1: %2</source>
        <translation>决定 %1 的门禁：%2</translation>
    </message>
    <message>
        <source>The program ended while it waited for what others do; whether that comes is not known: %1</source>
        <translation>程序在等待其他系统的动作时结束；该动作是否会发生尚不可知：%1</translation>
    </message>
    <message>
        <source>It gives way to this one.</source>
        <translation>它会为此操作让路。</translation>
    </message>
    <message>
        <source>Refused, nothing was written: %1. %2</source>
        <translation>被拒绝，未写入任何内容：%1。%2</translation>
    </message>
    <message>
        <source>Whether a freeze or a hold stands against it is not known</source>
        <translation>不知道是否有冻结或搁置阻止它</translation>
    </message>
    <message>
        <source>Look at the ledger before you go on.</source>
        <translation>继续之前请查看台账。</translation>
    </message>
    <message>
        <source>It was not told in time.</source>
        <translation>没有及时得到答复。</translation>
    </message>
    <message>
        <source>The last of these: &quot;%1&quot;.</source>
        <translation>其中最后一步：“%1”。</translation>
    </message>
</context>
<context>
    <name>signalbox::OperationBox</name>
    <message>
        <source>Reason, for the record (optional)</source>
        <translation>原因，用于记录（可选）</translation>
    </message>
    <message>
        <source>Reason, for the record</source>
        <translation>原因，用于记录</translation>
    </message>
    <message>
        <source>Progress of the step</source>
        <translation>该步骤的进度</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Skip the wait</source>
        <translation>跳过等待</translation>
    </message>
    <message>
        <source>Abandon, take it back</source>
        <translation>放弃并撤回</translation>
    </message>
    <message>
        <source>Stop here</source>
        <translation>在此停止</translation>
    </message>
    <message>
        <source>Sends nothing more. What was done stays.</source>
        <translation>不再发送任何内容。已完成的保持不变。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Planning</source>
        <translation>正在计划</translation>
    </message>
    <message>
        <source>Reading the state of now, asking for rights and for a dry run.</source>
        <translation>正在读取当前状态、查询权限并试运行。</translation>
    </message>
    <message>
        <source>No plan could be made</source>
        <translation>无法生成计划</translation>
    </message>
    <message>
        <source>%1 → %2</source>
        <translation>%1 → %2</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>%1 left before the next step</source>
        <translation>距下一步还有 %1</translation>
    </message>
    <message>
        <source>accepted, waiting for the effect</source>
        <translation>已接受，等待生效</translation>
    </message>
    <message>
        <source>deadline in %1</source>
        <translation>期限还剩 %1</translation>
    </message>
    <message>
        <source>%1 · took %2</source>
        <translation>%1 · 用时 %2</translation>
    </message>
    <message>
        <source>Brings the checks into view</source>
        <translation>滚动到检查项</translation>
    </message>
    <message>
        <source>%1 pass</source>
        <translation>%1 项通过</translation>
    </message>
    <message>
        <source>%1 warn</source>
        <translation>%1 项警告</translation>
    </message>
    <message>
        <source>%1 block</source>
        <translation>%1 项阻断</translation>
    </message>
    <message>
        <source>Checks: %1</source>
        <translation>检查项：%1</translation>
    </message>
    <message>
        <source>Stopped before a step took effect</source>
        <translation>在任何一步生效之前停止</translation>
    </message>
    <message>
        <source>Stopped after %1 of %2 steps</source>
        <translation>在 %2 步中的第 %1 步之后停止</translation>
    </message>
    <message>
        <source>%1; going back: %2</source>
        <translation>%1；回退：%2</translation>
    </message>
    <message>
        <source>%1; %2, observed at %3</source>
        <translation>%1；%2，已于 %3 观察到</translation>
    </message>
    <message>
        <source>Take it back: %1</source>
        <translation>撤回：%1</translation>
    </message>
    <message>
        <source>Abandons this operation and restores what was: %1</source>
        <translation>放弃此操作并恢复原状：%1</translation>
    </message>
    <message>
        <source>Break glass...</source>
        <translation>破窗…</translation>
    </message>
    <message>
        <source>You act alone, with a reason. Others have to countersign it in time.</source>
        <translation>你说明理由后单独行动，其他人须按时会签。</translation>
    </message>
    <message>
        <source>Break glass</source>
        <translation>破窗</translation>
    </message>
    <message>
        <source>Reason, signed and kept in the ledger</source>
        <translation>理由，签名后保存在台账中</translation>
    </message>
    <message>
        <source>The glass was not broken: %1</source>
        <translation>未能破窗：%1</translation>
    </message>
    <message>
        <source>Take it back</source>
        <translation>撤回</translation>
    </message>
    <message>
        <source>Signing the break-glass ...</source>
        <translation>正在为破窗签名…</translation>
    </message>
    <message>
        <source>Reading what runs there ...</source>
        <translation>正在读取那里运行的内容…</translation>
    </message>
    <message>
        <source>%1
You act alone on %2 in %3, with %4, which runs there now. It is signed with your name, shown to all, and others have to countersign it in time. Nothing else is done yet: the plan is made again, and confirmed as any other.</source>
        <translation>%1
你将对 %3 中的 %2 单独行动，针对那里现在运行的 %4。以你的名义签名，对所有人可见，其他人须按时会签。此时不做其他任何事：计划会重新制定，并照常确认。</translation>
    </message>
</context>
<context>
    <name>signalbox::OperationCenter</name>
    <message>
        <source>The outcome of %1 (%2) is not in the ledger yet; it will be written at the next start. %3</source>
        <translation>%1（%2）的结果尚未写入台账；将在下次启动时写入。%3</translation>
    </message>
    <message>
        <source>The connection %1 of this plan is not there (any more). Add it, or make the plan again.</source>
        <translation>此计划的连接 %1 不存在（或已移除）。请添加它，或重新生成计划。</translation>
    </message>
    <message>
        <source>The plan for %1 has no step: there is nothing to do.</source>
        <translation>%1 的计划没有步骤：无事可做。</translation>
    </message>
    <message>
        <source>The connection %1 was removed.</source>
        <translation>连接 %1 已移除。</translation>
    </message>
    <message>
        <source>Compare the journal with the remote state</source>
        <translation>将操作日志与远端状态比对</translation>
    </message>
    <message>
        <source>An operation on %1 (%2) was cut off by a crash; what became of it cannot be read yet: %3</source>
        <translation>%1（%2）的一项操作因崩溃中断；目前还无法读取其结果：%3</translation>
    </message>
    <message>
        <source>An operation on %1 (%2) was cut off by a crash, on another server than %3 leads to now. What became of it is looked up once %3 leads there again.</source>
        <translation>对 %1（%2）的一次操作因崩溃而中断，其所在的服务器与 %3 现在指向的不同。待 %3 重新指向该服务器后，再查明其结果。</translation>
    </message>
    <message>
        <source>cut off by a crash; its server was not found under this name again, so what became of it was never seen</source>
        <translation>因崩溃而中断；其服务器此后未再以此名称出现，因此从未看到其结果</translation>
    </message>
</context>
<context>
    <name>signalbox::OperationState</name>
    <message>
        <source>Planned</source>
        <translation>已计划</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>检查中</translation>
    </message>
    <message>
        <source>Waiting for your confirmation</source>
        <translation>等待你确认</translation>
    </message>
    <message>
        <source>Being confirmed</source>
        <translation>确认中</translation>
    </message>
    <message>
        <source>Sending</source>
        <translation>发送中</translation>
    </message>
    <message>
        <source>The answer was lost: reading what happened</source>
        <translation>响应丢失：正在读取实际结果</translation>
    </message>
    <message>
        <source>Accepted: waiting for the effect</source>
        <translation>已接受：等待生效</translation>
    </message>
    <message>
        <source>Waiting before the next step</source>
        <translation>等待下一步</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Taking it back</source>
        <translation>撤回中</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>记录中</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>已结束</translation>
    </message>
</context>
<context>
    <name>signalbox::OverviewPage</name>
    <message>
        <source>The practice world could not be started. Try signalbox-console --demo in a terminal: it says why.</source>
        <translation>无法启动练习世界。请在终端中运行 signalbox-console --demo 查看原因。</translation>
    </message>
    <message>
        <source>Open a kubeconfig file</source>
        <translation>打开 kubeconfig 文件</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Applications</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Pods ready</source>
        <translation>就绪 Pod</translation>
    </message>
    <message>
        <source>Need attention</source>
        <translation>需要关注</translation>
    </message>
    <message>
        <source>Operations today</source>
        <translation>今日操作</translation>
    </message>
    <message>
        <source>Releases by environment</source>
        <translation>各环境的版本</translation>
    </message>
    <message>
        <source>Filter applications</source>
        <translation>筛选应用</translation>
    </message>
    <message>
        <source>group by team</source>
        <translation>按团队分组</translation>
    </message>
    <message>
        <source>sort by name</source>
        <translation>按名称排序</translation>
    </message>
    <message>
        <source>worst first</source>
        <translation>最差优先</translation>
    </message>
    <message>
        <source>only what needs attention</source>
        <translation>仅显示需要关注的</translation>
    </message>
    <message>
        <source>Needs attention</source>
        <translation>需要关注</translation>
    </message>
    <message>
        <source>%1 clusters</source>
        <translation>%1 个集群</translation>
    </message>
    <message>
        <source>Arrows</source>
        <translation>方向键</translation>
    </message>
    <message>
        <source>Move between releases</source>
        <translation>在版本之间移动</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Open its traffic, rollback or cluster</source>
        <translation>打开其流量、回滚或集群页面</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单键</translation>
    </message>
    <message>
        <source>What can be done with it</source>
        <translation>可对其执行的操作</translation>
    </message>
    <message>
        <source>Copy version, hash and state</source>
        <translation>复制版本、哈希和状态</translation>
    </message>
    <message>
        <source>in %1 environments</source>
        <translation>分布在 %1 个环境</translation>
    </message>
    <message>
        <source>in %1 environments of %2 clusters</source>
        <translation>分布在 %2 个集群的 %1 个环境</translation>
    </message>
    <message>
        <source>%1 / %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>not read yet</source>
        <translation>尚未读取</translation>
    </message>
    <message>
        <source>all that should be</source>
        <translation>应有的都在</translation>
    </message>
    <message>
        <source>%1 not ready</source>
        <translation>%1 个未就绪</translation>
    </message>
    <message>
        <source>%1 running · %2 not done</source>
        <translation>%1 进行中 · %2 未完成</translation>
    </message>
    <message>
        <source>%1 applications · %2 environments</source>
        <translation>%1 个应用 · %2 个环境</translation>
    </message>
    <message>
        <source>This cluster has no workloads to show</source>
        <translation>该集群没有可显示的工作负载</translation>
    </message>
    <message>
        <source>No applications yet</source>
        <translation>还没有应用</translation>
    </message>
    <message>
        <source>They are found by their workloads: Deployments, StatefulSets and DaemonSets with the recommended labels, an app label, or by name.</source>
        <translation>应用根据其工作负载发现：带有推荐标签、app 标签的 Deployment、StatefulSet 和 DaemonSet，或根据名称识别。</translation>
    </message>
    <message>
        <source>Nothing to show</source>
        <translation>没有可显示的内容</translation>
    </message>
    <message>
        <source>No application matches the filter.</source>
        <translation>没有应用符合筛选条件。</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>显示全部</translation>
    </message>
    <message>
        <source>Nothing needs attention</source>
        <translation>没有需要关注的内容</translation>
    </message>
    <message>
        <source>Traffic</source>
        <translation>流量</translation>
    </message>
    <message>
        <source>Traffic in %1</source>
        <translation>%1 的流量</translation>
    </message>
    <message>
        <source>Open its traffic</source>
        <translation>打开其流量页面</translation>
    </message>
    <message>
        <source>Roll back...</source>
        <translation>回滚…</translation>
    </message>
    <message>
        <source>Open in the cluster</source>
        <translation>在集群页面中打开</translation>
    </message>
    <message>
        <source>Unpin %1</source>
        <translation>取消固定 %1</translation>
    </message>
    <message>
        <source>Pin %1</source>
        <translation>固定 %1</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Open a workspace</source>
        <translation>打开工作区</translation>
    </message>
    <message>
        <source>Workspaces (*.yaml *.yml *.json);;All files (*)</source>
        <translation>工作区 (*.yaml *.yml *.json);;所有文件 (*)</translation>
    </message>
    <message>
        <source>%1 could not be opened. Try signalbox-console -w with it in a terminal: it says why.</source>
        <translation>%1 无法打开。请在终端中用 signalbox-console -w 打开它查看原因。</translation>
    </message>
    <message>
        <source>Traffic in %1, namespace %2</source>
        <translation>%1 的流量，命名空间 %2</translation>
    </message>
    <message>
        <source>not all are yours to see</source>
        <translation>有些你无权查看</translation>
    </message>
    <message>
        <source>%1 failing · %2 · %3 moving</source>
        <translation>%1 故障 · %2 · %3 变更中</translation>
    </message>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>%n 警告</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 waiting for you</source>
        <translation>%1 等待你</translation>
    </message>
    <message>
        <source>%1 moving</source>
        <translation>%1 变更中</translation>
    </message>
    <message>
        <source>What waits for you at %1 is not known now.</source>
        <translation>目前不知道 %1 上有什么在等你。</translation>
    </message>
    <message>
        <source>Gates at vendors are being read.</source>
        <translation>正在读取供应商的门禁。</translation>
    </message>
    <message>
        <source>The ledger is not read, so promotions may wait that are not listed.</source>
        <translation>台账未能读取，可能有未列出的晋级在等待。</translation>
    </message>
    <message>
        <source>gates not of every server</source>
        <translation>门禁并非来自所有服务器</translation>
    </message>
    <message>
        <source>the ledger is not read</source>
        <translation>台账未能读取</translation>
    </message>
    <message>
        <source>Nothing that is known needs attention</source>
        <translation>已知内容中没有需要关注的</translation>
    </message>
    <message>
        <source>Alerts of %1 are not known now.</source>
        <translation>目前无法得知 %1 的告警。</translation>
    </message>
    <message>
        <source>alerts not of every source</source>
        <translation>并非所有来源的告警都已知</translation>
    </message>
    <message>
        <source>Failing, warning and moving releases and alerts appear here, and what waits for you.</source>
        <translation>失败、警告、变动中的发布以及告警显示在这里，还有等待你处理的事项。</translation>
    </message>
</context>
<context>
    <name>signalbox::Palette</name>
    <message>
        <source>Search or run a command</source>
        <translation>搜索或执行命令</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>找到的结果</translation>
    </message>
    <message>
        <source>Up and Down choose, Enter runs, Esc closes</source>
        <translation>上下键选择，Enter 执行，Esc 关闭</translation>
    </message>
    <message>
        <source>Nothing is called that. Esc closes.</source>
        <translation>没有这个名称。按 Esc 关闭。</translation>
    </message>
</context>
<context>
    <name>signalbox::PaletteModel</name>
    <message>
        <source>%1: %2, not available: %3</source>
        <translation>%1：%2，不可用：%3</translation>
    </message>
</context>
<context>
    <name>signalbox::Panel</name>
    <message>
        <source>Loading</source>
        <translation>加载中</translation>
    </message>
    <message>
        <source>for %1</source>
        <translation>已 %1</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>stale, last heard %1 ago</source>
        <translation>数据陈旧（%1前）</translation>
    </message>
    <message>
        <source>The source does not say why.</source>
        <translation>来源没有说明原因。</translation>
    </message>
    <message>
        <source>Nothing could be read</source>
        <translation>无法读取任何内容</translation>
    </message>
    <message>
        <source>You may not read this</source>
        <translation>你无权读取此内容</translation>
    </message>
</context>
<context>
    <name>signalbox::PathGraph</name>
    <message numerus="yes">
        <source>%n ahead</source>
        <translation>
            <numerusform>领先 %n</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n behind</source>
        <translation>
            <numerusform>落后 %n</numerusform>
        </translation>
    </message>
    <message>
        <source>same</source>
        <translation>相同</translation>
    </message>
    <message>
        <source>Promotion path</source>
        <translation>晋级路径</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>Approve</source>
        <translation>批准</translation>
    </message>
    <message>
        <source>nobody is asked</source>
        <translation>无需任何人批准</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>; against the next environment: %1</source>
        <translation>；与下一环境相比：%1</translation>
    </message>
    <message>
        <source>%1 commits; the oldest waits for %2</source>
        <translation>%1 个提交；最早的已等待 %2</translation>
    </message>
    <message>
        <source>Model %1</source>
        <translation>模型 %1</translation>
    </message>
    <message>
        <source>Not live; last read %1.</source>
        <translation>不是实时数据；上次读取于 %1。</translation>
    </message>
    <message>
        <source>Not live, and never read here.</source>
        <translation>不是实时数据，且从未在此读取过。</translation>
    </message>
    <message>
        <source>%1 · read %2 ago</source>
        <translation>%1 · %2前读取</translation>
    </message>
    <message>
        <source>%1 · not live</source>
        <translation>%1 · 非实时</translation>
    </message>
</context>
<context>
    <name>signalbox::Pictures</name>
    <message>
        <source>The folder %1 could not be made.</source>
        <translation>无法创建文件夹 %1。</translation>
    </message>
</context>
<context>
    <name>signalbox::PipelinesPage</name>
    <message>
        <source>Pipelines</source>
        <translation>流水线</translation>
    </message>
    <message>
        <source>No pipelines here</source>
        <translation>这里没有流水线</translation>
    </message>
    <message>
        <source>This window follows no servers with pipelines.</source>
        <translation>此窗口没有跟踪任何流水线服务器。</translation>
    </message>
    <message>
        <source>Up, Down</source>
        <translation>上、下</translation>
    </message>
    <message>
        <source>choose a run</source>
        <translation>选择运行</translation>
    </message>
    <message>
        <source>Enter on a run</source>
        <translation>在运行上按 Enter</translation>
    </message>
    <message>
        <source>go to its stages</source>
        <translation>转到其阶段</translation>
    </message>
    <message>
        <source>arrows</source>
        <translation>方向键</translation>
    </message>
    <message>
        <source>walk through the stages</source>
        <translation>在阶段之间移动</translation>
    </message>
    <message>
        <source>Enter on a stage</source>
        <translation>在阶段上按 Enter</translation>
    </message>
    <message>
        <source>zoom the stages; F shows all of them</source>
        <translation>缩放阶段图；F 显示全部</translation>
    </message>
    <message>
        <source>find in the log</source>
        <translation>在日志中查找</translation>
    </message>
    <message>
        <source>filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Alt Down, Alt Up</source>
        <translation>Alt ↓、Alt ↑</translation>
    </message>
    <message>
        <source>next and previous step in the log</source>
        <translation>日志中的下一个和上一个步骤</translation>
    </message>
    <message>
        <source>Alt Left</source>
        <translation>Alt Left</translation>
    </message>
    <message>
        <source>back to the run that started this one</source>
        <translation>返回启动本次运行的那次运行</translation>
    </message>
    <message>
        <source>show its log, the jobs of a group, or the run it started; again: its gate</source>
        <translation>显示其日志、一组中的作业，或它启动的运行；再按一次：其门禁</translation>
    </message>
</context>
<context>
    <name>signalbox::PipelinesPresenter</name>
    <message>
        <source>Choose a run first.</source>
        <translation>请先选择一次运行。</translation>
    </message>
    <message>
        <source>Operations are not available in this window.</source>
        <translation>此窗口中无法执行操作。</translation>
    </message>
    <message>
        <source>The connection %1 was removed.</source>
        <translation>连接 %1 已移除。</translation>
    </message>
    <message>
        <source>%1 is switched off at its server.</source>
        <translation>%1 在其服务器上已停用。</translation>
    </message>
    <message>
        <source>Its server does not let it be started by hand.</source>
        <translation>其服务器不允许手动启动。</translation>
    </message>
    <message>
        <source>The run is still being read.</source>
        <translation>正在读取这次运行。</translation>
    </message>
    <message>
        <source>It has ended.</source>
        <translation>已经结束。</translation>
    </message>
    <message>
        <source>Its server does not let it be cancelled.</source>
        <translation>其服务器不允许取消。</translation>
    </message>
    <message>
        <source>Nothing failed.</source>
        <translation>没有失败。</translation>
    </message>
    <message>
        <source>Its server does not let it run again.</source>
        <translation>其服务器不允许重新运行。</translation>
    </message>
    <message>
        <source>It has not ended yet.</source>
        <translation>它尚未结束。</translation>
    </message>
    <message>
        <source>The connection %1 was removed. Add it again in Connections.</source>
        <translation>连接 %1 已被移除。请在“连接”中重新添加。</translation>
    </message>
    <message>
        <source>Choose a job first.</source>
        <translation>请先选择一个作业。</translation>
    </message>
    <message>
        <source>%1 has not ended yet.</source>
        <translation>%1 尚未结束。</translation>
    </message>
    <message>
        <source>%1 was skipped: there is nothing to run again.</source>
        <translation>%1 已被跳过：没有可重新运行的内容。</translation>
    </message>
    <message>
        <source>Its server runs no job alone again: run all of it again.</source>
        <translation>其服务器不能单独重新运行一个作业：请重新运行全部。</translation>
    </message>
    <message>
        <source>%1 is not followed here. Add it to the projects of its connection.</source>
        <translation>%1 不在此处跟踪的项目之列。请将其加入所属连接的项目列表。</translation>
    </message>
    <message>
        <source>The gate of %1 was not read yet. Its server is asked for its gates again by itself.</source>
        <translation>%1 的门禁尚未读取。会自动再次向其服务器查询门禁。</translation>
    </message>
    <message>
        <source>This is an earlier attempt, as it ended: choose the newest one, then act.</source>
        <translation>这是较早的一次尝试，为其结束时的样子：请先选择最新一次，再操作。</translation>
    </message>
</context>
<context>
    <name>signalbox::PlanPanels</name>
    <message>
        <source>Checks</source>
        <translation>检查项</translation>
    </message>
    <message>
        <source>What will be sent</source>
        <translation>将要发送的内容</translation>
    </message>
    <message>
        <source>No plan</source>
        <translation>没有计划</translation>
    </message>
    <message>
        <source>See below why.</source>
        <translation>原因见下方。</translation>
    </message>
    <message>
        <source>What was sent</source>
        <translation>已发送的内容</translation>
    </message>
</context>
<context>
    <name>signalbox::PlanSession</name>
    <message>
        <source>The connection %1 was removed. Add it again in Connections.</source>
        <translation>连接 %1 已被移除。请在“连接”中重新添加。</translation>
    </message>
</context>
<context>
    <name>signalbox::PlayButton</name>
    <message>
        <source>Play job...</source>
        <translation>启动作业…</translation>
    </message>
    <message>
        <source>Decide...</source>
        <translation>决定…</translation>
    </message>
    <message>
        <source>Decide about %1</source>
        <translation>决定 %1</translation>
    </message>
    <message>
        <source>Play %1</source>
        <translation>启动 %1</translation>
    </message>
</context>
<context>
    <name>signalbox::PodGrid</name>
    <message>
        <source>Pods</source>
        <translation>Pod</translation>
    </message>
</context>
<context>
    <name>signalbox::PodPanel</name>
    <message>
        <source>Pod</source>
        <translation>Pod</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Container whose log is shown</source>
        <translation>显示日志的容器</translation>
    </message>
    <message>
        <source>follow</source>
        <translation>跟随</translation>
    </message>
    <message>
        <source>previous</source>
        <translation>上次运行</translation>
    </message>
    <message>
        <source>The log of the container before its last restart</source>
        <translation>容器上次重启之前的日志</translation>
    </message>
    <message>
        <source>Find in log</source>
        <translation>在日志中查找</translation>
    </message>
    <message>
        <source>Next hit</source>
        <translation>下一处</translation>
    </message>
    <message>
        <source>Copy the selected lines, or all</source>
        <translation>复制所选的行，或全部</translation>
    </message>
    <message>
        <source>Save the log...</source>
        <translation>保存日志…</translation>
    </message>
    <message>
        <source>No pod chosen</source>
        <translation>没有选择 Pod</translation>
    </message>
    <message>
        <source>Click a square, or move to it with the arrow keys and press Enter: its log appears here.</source>
        <translation>点击方块，或用方向键移到其上并按 Enter：其日志会显示在这里。</translation>
    </message>
    <message>
        <source>gone</source>
        <translation>已消失</translation>
    </message>
    <message>
        <source>%1 restarts</source>
        <translation>重启 %1 次</translation>
    </message>
    <message>
        <source>The log broke off: %1</source>
        <translation>日志中断：%1</translation>
    </message>
    <message>
        <source>The log is empty.</source>
        <translation>日志为空。</translation>
    </message>
    <message>
        <source>Save the log</source>
        <translation>保存日志</translation>
    </message>
    <message>
        <source>The log could not be written to %1: %2.</source>
        <translation>无法将日志写入 %1：%2。</translation>
    </message>
    <message>
        <source>Saved %1 lines to %2.</source>
        <translation>已将 %1 行保存到 %2。</translation>
    </message>
</context>
<context>
    <name>signalbox::PolicyChangesCard</name>
    <message>
        <source>Waits for a second admin</source>
        <translation>等待第二位管理员</translation>
    </message>
    <message>
        <source>change</source>
        <translation>变更</translation>
    </message>
    <message>
        <source>Countersign...</source>
        <translation>会签…</translation>
    </message>
    <message>
        <source>Difference to the policy in force</source>
        <translation>与现行策略的差异</translation>
    </message>
    <message>
        <source>%1 changed the policy on %2 (commit %3): %4</source>
        <translation>%1 于 %2 更改了策略（提交 %3）：%4</translation>
    </message>
    <message>
        <source>no reason was given</source>
        <translation>没有给出理由</translation>
    </message>
    <message numerus="yes">
        <source>Takes along the changes that wait before it: %n.</source>
        <translation>
            <numerusform>连同在它之前等待的变更一起：%n 个。</numerusform>
        </translation>
    </message>
    <message>
        <source>Nobody can countersign it: there is no other admin.</source>
        <translation>没有人可以会签：没有其他管理员。</translation>
    </message>
    <message>
        <source>Not in force until %1 countersigns it.</source>
        <translation>在 %1 会签之前不生效。</translation>
    </message>
    <message>
        <source> or </source>
        <translation> 或 </translation>
    </message>
    <message>
        <source>It is being signed.</source>
        <translation>正在签名。</translation>
    </message>
    <message>
        <source>Countersign a change of the policy</source>
        <translation>会签策略变更</translation>
    </message>
    <message>
        <source>%1 by %2
%3
Your signature puts it in force, for everybody.</source>
        <translation>%2 的 %1
%3
你的签名使其对所有人生效。</translation>
    </message>
    <message>
        <source>Countersign</source>
        <translation>会签</translation>
    </message>
    <message>
        <source>What you saw, signed and kept in the ledger</source>
        <translation>你所看到的内容，签名后保存在台账中</translation>
    </message>
    <message>
        <source>Countersigned on this machine; it is sent later: %1</source>
        <translation>已在本机会签，稍后发送：%1</translation>
    </message>
    <message>
        <source>Countersigned: the change %1 is in force.</source>
        <translation>已会签：变更 %1 已生效。</translation>
    </message>
    <message>
        <source>Countersigned, but the change %1 is not in force.</source>
        <translation>已会签，但变更 %1 没有生效。</translation>
    </message>
</context>
<context>
    <name>signalbox::ProbeList</name>
    <message>
        <source>Test of the connection</source>
        <translation>连接测试</translation>
    </message>
</context>
<context>
    <name>signalbox::PromotionDetail</name>
    <message>
        <source>The chosen promotion</source>
        <translation>所选的晋级</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>检查项</translation>
    </message>
    <message>
        <source>Votes</source>
        <translation>表决</translation>
    </message>
    <message>
        <source>Risk</source>
        <translation>风险</translation>
    </message>
    <message>
        <source>a figure to look at, never a gate</source>
        <translation>仅供参考的数字，绝不作为门禁</translation>
    </message>
    <message>
        <source>What changes</source>
        <translation>变更内容</translation>
    </message>
    <message>
        <source>open diff</source>
        <translation>打开差异</translation>
    </message>
    <message>
        <source>Commits that go out</source>
        <translation>将要发布的提交</translation>
    </message>
    <message>
        <source>Also changes in the cluster</source>
        <translation>集群中的其他变更</translation>
    </message>
    <message>
        <source>No promotion chosen</source>
        <translation>没有选择晋级</translation>
    </message>
    <message>
        <source>Choose a promotion at the left.</source>
        <translation>请在左侧选择一个晋级。</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%2 中的 %1 人</translation>
    </message>
    <message>
        <source>asked by %1</source>
        <translation>由 %1 申请</translation>
    </message>
    <message>
        <source>The commits are being read ...</source>
        <translation>正在读取提交…</translation>
    </message>
    <message>
        <source>Both releases are the same commit.</source>
        <translation>两个版本是同一个提交。</translation>
    </message>
    <message>
        <source>being worked out ...</source>
        <translation>正在计算…</translation>
    </message>
    <message>
        <source>model %1</source>
        <translation>模型 %1</translation>
    </message>
    <message>
        <source>%1, of those the ledger keeps</source>
        <translation>%1（台账所保留的检查）</translation>
    </message>
    <message>
        <source>done, being recorded</source>
        <translation>已完成，正在记录</translation>
    </message>
</context>
<context>
    <name>signalbox::PromotionQuestions</name>
    <message>
        <source>Break glass: act alone...</source>
        <translation>破窗：单独行动…</translation>
    </message>
    <message>
        <source>Break glass</source>
        <translation>破窗</translation>
    </message>
    <message>
        <source>%1
You act alone, now. It is signed with your name, shown to all, and others have to countersign it in time.</source>
        <translation>%1
你现在将单独行动。此举以你的名义签名，向所有人显示，其他人须按时会签。</translation>
    </message>
    <message>
        <source>Hold promotions here...</source>
        <translation>搁置此处的晋级…</translation>
    </message>
    <message>
        <source>Hold</source>
        <translation>搁置</translation>
    </message>
    <message>
        <source>No promotion of %1 to %2 starts until it is lifted.</source>
        <translation>在解除之前，%1 到 %2 的晋级都不会启动。</translation>
    </message>
    <message>
        <source>Order a freeze...</source>
        <translation>下达冻结…</translation>
    </message>
    <message>
        <source>Close the claim...</source>
        <translation>关闭认领…</translation>
    </message>
    <message>
        <source>Close the claim</source>
        <translation>关闭认领</translation>
    </message>
    <message>
        <source>%1
For a claim whose claimant cannot record an outcome any more.</source>
        <translation>%1
用于认领者已无法再记录结果的认领。</translation>
    </message>
    <message>
        <source>Countersign</source>
        <translation>会签</translation>
    </message>
    <message>
        <source>%1
Your signature says that you answer for it as well.</source>
        <translation>%1
你的签名表示你也为此负责。</translation>
    </message>
    <message>
        <source>Lift</source>
        <translation>解除</translation>
    </message>
    <message>
        <source>%1
Promotions go on there again.</source>
        <translation>%1
那里的晋级将重新继续。</translation>
    </message>
    <message>
        <source>Reason, signed and kept in the ledger</source>
        <translation>原因，经签名并保存在台账中</translation>
    </message>
    <message>
        <source>The promotion is asked for.</source>
        <translation>晋级已申请。</translation>
    </message>
    <message>
        <source>The freeze is ordered: it is listed with what is in force.</source>
        <translation>冻结已下达：它列在生效项中。</translation>
    </message>
    <message>
        <source>Do not start it by itself</source>
        <translation>不要自动启动</translation>
    </message>
    <message>
        <source>Compare two releases...</source>
        <translation>比较两个版本…</translation>
    </message>
    <message>
        <source>For exactly %1.</source>
        <translation>仅限 %1。</translation>
    </message>
</context>
<context>
    <name>signalbox::PromotionsInbox</name>
    <message>
        <source>Promotions</source>
        <translation>晋级</translation>
    </message>
    <message>
        <source>In force and owed</source>
        <translation>生效与欠签</translation>
    </message>
    <message>
        <source>Filter promotions</source>
        <translation>筛选晋级</translation>
    </message>
    <message>
        <source>oldest first</source>
        <translation>最早的在前</translation>
    </message>
    <message>
        <source>by name</source>
        <translation>按名称</translation>
    </message>
    <message>
        <source>riskiest first</source>
        <translation>风险最高的在前</translation>
    </message>
    <message>
        <source>Ask for a promotion...</source>
        <translation>申请晋级…</translation>
    </message>
    <message numerus="yes">
        <source>%n debt(s)</source>
        <translation>
            <numerusform>%n 笔欠签</numerusform>
        </translation>
    </message>
    <message>
        <source>There is no ledger</source>
        <translation>没有台账</translation>
    </message>
    <message>
        <source>Nothing is known</source>
        <translation>一无所知</translation>
    </message>
    <message>
        <source>The ledger could not be read.</source>
        <translation>无法读取台账。</translation>
    </message>
    <message>
        <source>No promotion was asked for lately. signalbox promote asks for one as well.</source>
        <translation>最近没有申请过晋级。也可以用 signalbox promote 申请。</translation>
    </message>
    <message>
        <source>Ask for one...</source>
        <translation>申请晋级…</translation>
    </message>
    <message>
        <source>Nothing fits the filter</source>
        <translation>没有符合筛选的内容</translation>
    </message>
    <message>
        <source>Esc clears it.</source>
        <translation>按 Esc 清除筛选。</translation>
    </message>
    <message>
        <source>Order a freeze...</source>
        <translation>下达冻结…</translation>
    </message>
    <message>
        <source>Gates at vendors</source>
        <translation>供应商的门禁</translation>
    </message>
    <message>
        <source>%1, not of every server</source>
        <translation>%1，并非所有服务器</translation>
    </message>
    <message>
        <source>No promotion waits</source>
        <translation>没有等待中的晋级</translation>
    </message>
    <message>
        <source>The ledger is not signed yet</source>
        <translation>台账尚未签名</translation>
    </message>
</context>
<context>
    <name>signalbox::PromotionsModel</name>
    <message>
        <source>%1 %2 to %3</source>
        <translation>%1 %2 到 %3</translation>
    </message>
    <message>
        <source>%1 of %2 approvals</source>
        <translation>批准 %1 / %2</translation>
    </message>
    <message>
        <source>asked for by %1</source>
        <translation>由 %1 申请</translation>
    </message>
    <message>
        <source>waits for you</source>
        <translation>等你处理</translation>
    </message>
    <message>
        <source>Waiting for you</source>
        <translation>等你处理</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>未决</translation>
    </message>
    <message>
        <source>Waiting for others</source>
        <translation>等待他人</translation>
    </message>
    <message>
        <source>Recently decided</source>
        <translation>最近已决</translation>
    </message>
    <message>
        <source>not live</source>
        <translation>非实时</translation>
    </message>
</context>
<context>
    <name>signalbox::PromotionsPage</name>
    <message>
        <source>Promotions</source>
        <translation>晋级</translation>
    </message>
    <message>
        <source>There is no ledger to decide in</source>
        <translation>没有可用于决定的台账</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>启动</translation>
    </message>
    <message>
        <source>It may start</source>
        <translation>可以启动</translation>
    </message>
    <message>
        <source>Its plan is shown here.</source>
        <translation>其计划显示在此处。</translation>
    </message>
    <message>
        <source>Up, Down</source>
        <translation>上、下</translation>
    </message>
    <message>
        <source>choose a promotion</source>
        <translation>选择晋级</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>go to the button</source>
        <translation>移到按钮</translation>
    </message>
    <message>
        <source>hold Enter</source>
        <translation>长按 Enter</translation>
    </message>
    <message>
        <source>approve, reject or start</source>
        <translation>批准、驳回或启动</translation>
    </message>
    <message>
        <source>Enter on a commit</source>
        <translation>在提交上按 Enter</translation>
    </message>
    <message>
        <source>show what it changed</source>
        <translation>显示它变更了什么</translation>
    </message>
    <message>
        <source>search in a file&apos;s difference</source>
        <translation>在文件的差异中搜索</translation>
    </message>
    <message>
        <source>Alt Up, Alt Down</source>
        <translation>Alt 上、Alt 下</translation>
    </message>
    <message>
        <source>from change to change, on to the next file</source>
        <translation>逐处变更移动，并接着到下一个文件</translation>
    </message>
    <message>
        <source>Ctrl Up, Ctrl Down</source>
        <translation>Ctrl 上、Ctrl 下</translation>
    </message>
    <message>
        <source>from file to file</source>
        <translation>逐个文件移动</translation>
    </message>
    <message>
        <source>side by side, or below each other</source>
        <translation>左右并排或上下排列</translation>
    </message>
    <message>
        <source>filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>You can look, not decide.</source>
        <translation>你可以查看，但不能决定。</translation>
    </message>
    <message>
        <source>Not live: nothing can be decided.</source>
        <translation>并非实时：无法做任何决定。</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查看</translation>
    </message>
    <message numerus="yes">
        <source>%n entry(ies) of yours are not in the shared ledger yet.</source>
        <translation>
            <numerusform>你有 %n 个条目尚未进入共享的台账。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n entry(ies) of the ledger are not proven and do not count.</source>
        <translation>
            <numerusform>台账中有 %n 个条目未得到证明，不算数。</numerusform>
        </translation>
    </message>
    <message>
        <source>Start in %1</source>
        <translation>在 %1 启动</translation>
    </message>
    <message>
        <source>Promotions are asked for, approved and started through the team&apos;s signed ledger. Begin one with &quot;signalbox ledger init&quot;, or open a workspace that names one.</source>
        <translation>晋级通过团队的签名台账申请、批准和启动。用“signalbox ledger init”建立一个，或打开一个指定了台账的工作区。</translation>
    </message>
    <message>
        <source>The ledger is not signed yet</source>
        <translation>台账尚未签名</translation>
    </message>
    <message>
        <source>It records what is done here, and goes on doing so. To have promotions asked for, approved and started through it, let it prove who wrote what: an admin begins with &quot;signalbox ledger init&quot;.</source>
        <translation>它会继续记录这里所做的一切。要通过它申请、批准和启动晋级，需要让它证明每条内容由谁写下：由管理员执行“signalbox ledger init”开始。</translation>
    </message>
    <message>
        <source>No cluster of these promotions is live.</source>
        <translation>这些晋级的集群都不是实时的。</translation>
    </message>
    <message numerus="yes">
        <source>%n promotion(s) cannot be decided now: each says why.</source>
        <translation>
            <numerusform>%n 个晋级现在不能作决定：每个都说明了原因。</numerusform>
        </translation>
    </message>
    <message>
        <source>Take it back...</source>
        <translation>撤回…</translation>
    </message>
    <message>
        <source>Plans the rollback of %1 in %2 to what ran before, and shows it first. Nothing happens before you confirm.</source>
        <translation>规划把 %2 中的 %1 回滚到之前运行的版本，并先给你看。在你确认之前不会发生任何事。</translation>
    </message>
    <message>
        <source>No connected cluster shows %1 in %2.</source>
        <translation>没有已连接的集群显示 %2 中的 %1。</translation>
    </message>
    <message>
        <source>The way back</source>
        <translation>退路</translation>
    </message>
</context>
<context>
    <name>signalbox::PromotionsPresenter</name>
    <message>
        <source>The ledger is being read.</source>
        <translation>正在读取台账。</translation>
    </message>
    <message>
        <source>The ledger is not live, so nothing is decided: %1</source>
        <translation>台账并非实时，因此无法做任何决定：%1</translation>
    </message>
    <message>
        <source>The ledger is not live, so nothing is decided.</source>
        <translation>台账并非实时，因此无法做任何决定。</translation>
    </message>
    <message>
        <source>No promotion is chosen.</source>
        <translation>没有选择晋级。</translation>
    </message>
    <message>
        <source>The policy does not allow it.</source>
        <translation>策略不允许。</translation>
    </message>
    <message>
        <source>Touch your security key.</source>
        <translation>请触碰你的安全密钥。</translation>
    </message>
    <message>
        <source>Signing your approval ...</source>
        <translation>正在为你的批准签名…</translation>
    </message>
    <message>
        <source>%1: your approval is in the ledger.</source>
        <translation>%1：你的批准已在台账中。</translation>
    </message>
    <message>
        <source>Signing your rejection ...</source>
        <translation>正在为你的驳回签名…</translation>
    </message>
    <message>
        <source>%1: your rejection is in the ledger.</source>
        <translation>%1：你的驳回已在台账中。</translation>
    </message>
    <message>
        <source>Signing the break-glass ...</source>
        <translation>正在为破窗签名…</translation>
    </message>
    <message>
        <source>Signing the countersignature ...</source>
        <translation>正在为会签签名…</translation>
    </message>
    <message>
        <source>Your countersignature is in the ledger.</source>
        <translation>你的会签已在台账中。</translation>
    </message>
    <message>
        <source>Signing the hold ...</source>
        <translation>正在为搁置签名…</translation>
    </message>
    <message>
        <source>Signing ...</source>
        <translation>正在签名…</translation>
    </message>
    <message>
        <source>It is lifted.</source>
        <translation>已解除。</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <source>The glass was not broken: %1</source>
        <translation>未能破窗：%1</translation>
    </message>
    <message>
        <source>%1 in %2: the glass is broken. It can start now, and others have to countersign.</source>
        <translation>%2 中的 %1：已破窗。现在可以启动，其他人必须会签。</translation>
    </message>
    <message>
        <source>%1 in %2 is held: nothing goes on there until it is lifted.</source>
        <translation>%2 中的 %1 已搁置：解除之前不会继续。</translation>
    </message>
    <message>
        <source>%1 in %2: the claim is closed.</source>
        <translation>%2 中的 %1：认领已关闭。</translation>
    </message>
    <message>
        <source>%1 is not live, last read %2: %3</source>
        <translation>%1 不是实时的，最后读取于 %2：%3</translation>
    </message>
    <message>
        <source>%1 is not live: %2</source>
        <translation>%1 不是实时的：%2</translation>
    </message>
    <message>
        <source>Nothing is decided on this promotion until it is.</source>
        <translation>在恢复实时之前，不对此晋级作任何决定。</translation>
    </message>
    <message>
        <source>%1 broke the glass and answers for it: it can be started.</source>
        <translation>%1 已破窗并对此负责：可以开始。</translation>
    </message>
    <message>
        <source>If it cannot wait, break the glass: you act alone and answer for it.</source>
        <translation>如果不能等待，可以破窗：由你单独行动并对此负责。</translation>
    </message>
</context>
<context>
    <name>signalbox::QueryEditor</name>
    <message>
        <source>New query</source>
        <translation>新建查询</translation>
    </message>
    <message>
        <source>Query of %1</source>
        <translation>%1 的查询</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>PromQL. {window} stands for what a rate looks back over; it follows the step.</source>
        <translation>PromQL。{window} 表示速率的回看窗口，随步长变化。</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>标题</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>阈值</translation>
    </message>
    <message>
        <source>Remove own query</source>
        <translation>移除自定义查询</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Expression</source>
        <translation>表达式</translation>
    </message>
    <message>
        <source>Write an expression, for example: sum by (slot) (rate(http_requests_total[{window}]))</source>
        <translation>填写表达式，例如：sum by (slot) (rate(http_requests_total[{window}]))</translation>
    </message>
    <message>
        <source>Give it a title.</source>
        <translation>请填写标题。</translation>
    </message>
    <message>
        <source>The limit is not a number. Write it like 0.5 or 250, or leave it empty.</source>
        <translation>阈值不是数字。请填写如 0.5 或 250，或留空。</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>预览</translation>
    </message>
</context>
<context>
    <name>signalbox::RangePicker</name>
    <message>
        <source>15 m</source>
        <translation>15 分钟</translation>
    </message>
    <message>
        <source>Last 15 minutes</source>
        <translation>最近 15 分钟</translation>
    </message>
    <message>
        <source>1 h</source>
        <translation>1 小时</translation>
    </message>
    <message>
        <source>Last hour</source>
        <translation>最近 1 小时</translation>
    </message>
    <message>
        <source>6 h</source>
        <translation>6 小时</translation>
    </message>
    <message>
        <source>Last 6 hours</source>
        <translation>最近 6 小时</translation>
    </message>
    <message>
        <source>24 h</source>
        <translation>24 小时</translation>
    </message>
    <message>
        <source>Last 24 hours</source>
        <translation>最近 24 小时</translation>
    </message>
    <message>
        <source>Custom</source>
        <translation>自定义</translation>
    </message>
    <message>
        <source>Custom range</source>
        <translation>自定义范围</translation>
    </message>
    <message>
        <source>%1 until %2</source>
        <translation>%1 至 %2</translation>
    </message>
    <message>
        <source>From</source>
        <translation>从</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>至</translation>
    </message>
    <message>
        <source>Times are in %1.</source>
        <translation>时间采用 %1。</translation>
    </message>
    <message>
        <source>“From” must lie before “Until”.</source>
        <translation>“从”必须早于“至”。</translation>
    </message>
</context>
<context>
    <name>signalbox::ReadinessBar</name>
    <message>
        <source>Rehearse</source>
        <translation>演练</translation>
    </message>
    <message>
        <source>Plans going back as you would, with the cluster&apos;s own dry run. Nothing is written.</source>
        <translation>像你操作时一样计划回退，并由集群试运行。不写入任何内容。</translation>
    </message>
    <message>
        <source>Way back: not rehearsed yet</source>
        <translation>退路：尚未演练</translation>
    </message>
    <message>
        <source>Rehearsing …</source>
        <translation>正在演练…</translation>
    </message>
    <message>
        <source>rehearsed %1 ago in %2</source>
        <translation>%1前演练，用时 %2</translation>
    </message>
    <message>
        <source>to %1 · %2</source>
        <translation>回到 %1 · %2</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 毫秒</translation>
    </message>
</context>
<context>
    <name>signalbox::ReadinessFeed</name>
    <message>
        <source>Something changed since the rehearsal; it is rehearsed again.</source>
        <translation>演练之后情况有变；正在重新演练。</translation>
    </message>
    <message>
        <source>The last rehearsal is too long ago to count.</source>
        <translation>上次演练时间太久，不再作数。</translation>
    </message>
</context>
<context>
    <name>signalbox::RedeployDialog</name>
    <message>
        <source>Take %1 in %2 back to %3</source>
        <translation>把 %2 中的 %1 回退到 %3</translation>
    </message>
    <message>
        <source>Go back</source>
        <translation>回退</translation>
    </message>
</context>
<context>
    <name>signalbox::ReleasesModel</name>
    <message>
        <source>Way back: %1</source>
        <translation>退路：%1</translation>
    </message>
    <message>
        <source>Way back to %1: %2</source>
        <translation>回到 %1 的退路：%2</translation>
    </message>
    <message>
        <source>no team</source>
        <translation>无团队</translation>
    </message>
    <message>
        <source>Team %1</source>
        <translation>团队 %1</translation>
    </message>
    <message>
        <source>not named</source>
        <translation>未命名</translation>
    </message>
    <message>
        <source>not in %1</source>
        <translation>不在 %1 中</translation>
    </message>
    <message>
        <source>Application</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>%1 %2 at %3</source>
        <translation>%1 %2，占 %3</translation>
    </message>
    <message>
        <source>— not deployed</source>
        <translation>— 未部署</translation>
    </message>
    <message>
        <source>%1 ahead of %2</source>
        <translation>领先 %2 %1 个</translation>
    </message>
    <message>
        <source>%1 behind %2</source>
        <translation>落后 %2 %1 个</translation>
    </message>
    <message>
        <source>the same commit as in %1</source>
        <translation>与 %1 是同一提交</translation>
    </message>
    <message>
        <source>commits: %1</source>
        <translation>提交：%1</translation>
    </message>
</context>
<context>
    <name>signalbox::RequestDialog</name>
    <message>
        <source>%1 to %2</source>
        <translation>%1 到 %2</translation>
    </message>
    <message>
        <source>%1 from %2 to %3</source>
        <translation>%1 从 %2 到 %3</translation>
    </message>
    <message numerus="yes">
        <source>%n commit(s)</source>
        <translation>
            <numerusform>%n 个提交</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n 个文件</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask for a promotion</source>
        <translation>申请晋级</translation>
    </message>
    <message>
        <source>version, tag or commit; empty: what runs in the environment before</source>
        <translation>版本号、标签或提交；留空：前一环境中运行的版本</translation>
    </message>
    <message>
        <source>for those who decide, kept in the ledger</source>
        <translation>供决定者参考，保存在台账中</translation>
    </message>
    <message>
        <source>&amp;Application</source>
        <translation>应用(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;To</source>
        <translation>到(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Release</source>
        <translation>版本(&amp;R)</translation>
    </message>
    <message>
        <source>R&amp;eason</source>
        <translation>原因(&amp;E)</translation>
    </message>
    <message>
        <source>Application</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Environment it goes to</source>
        <translation>目标环境</translation>
    </message>
    <message>
        <source>Release</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>What the policy says to it</source>
        <translation>策略对此的判断</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Sign and ask</source>
        <translation>签名并申请</translation>
    </message>
    <message>
        <source>It is being worked out what the request would say.</source>
        <translation>正在计算申请的内容。</translation>
    </message>
    <message>
        <source>Nothing to ask for</source>
        <translation>没有可申请的内容</translation>
    </message>
    <message>
        <source>No application is listed yet.</source>
        <translation>尚未列出任何应用。</translation>
    </message>
    <message>
        <source>It cannot be asked for</source>
        <translation>无法申请</translation>
    </message>
    <message>
        <source>Signing ...</source>
        <translation>正在签名…</translation>
    </message>
    <message>
        <source>&amp;Start it by itself once it is approved, while this window is open</source>
        <translation>获批后在此窗口打开期间自动启动(&amp;S)</translation>
    </message>
    <message>
        <source>What is carried out then is exactly what is shown here; if that changes, or if somebody rejects or holds it or orders a freeze meanwhile, you are asked instead.</source>
        <translation>届时执行的正是这里所显示的内容；如果内容有变，或其间有人驳回、搁置或下令冻结，则会改为询问你。</translation>
    </message>
    <message>
        <source>Sign, ask, and start when approved</source>
        <translation>签名、申请，获批后启动</translation>
    </message>
    <message>
        <source>It is being worked out what exactly will be done.</source>
        <translation>正在确定具体会执行什么。</translation>
    </message>
    <message>
        <source>Once it is approved, this window does:</source>
        <translation>获批后，此窗口将执行：</translation>
    </message>
    <message>
        <source>It cannot start by itself: %1</source>
        <translation>它不能自动启动：%1</translation>
    </message>
    <message>
        <source>Not available: %1</source>
        <translation>不可用：%1</translation>
    </message>
    <message>
        <source>Held to act; pressing it with a screen reader asks instead.</source>
        <translation>长按执行；使用屏幕阅读器按下时会改为询问。</translation>
    </message>
    <message>
        <source>Blocks: %1</source>
        <translation>阻止：%1</translation>
    </message>
    <message>
        <source>Warns: %1</source>
        <translation>警告：%1</translation>
    </message>
    <message>
        <source>model %1</source>
        <translation>模型 %1</translation>
    </message>
    <message>
        <source>%1 is not asked for any more</source>
        <translation>不再要求“%1”</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>it would be %1, not %2</source>
        <translation>将是 %1，而不是 %2</translation>
    </message>
    <message>
        <source>it is of commit %1, not %2</source>
        <translation>它出自提交 %1，而不是 %2</translation>
    </message>
    <message>
        <source>it replaces %1, not %2</source>
        <translation>它替换的是 %1，而不是 %2</translation>
    </message>
    <message>
        <source>the policy is another one</source>
        <translation>策略已不同</translation>
    </message>
    <message>
        <source>it brings other changes</source>
        <translation>它带来的变更不同</translation>
    </message>
    <message>
        <source>what will be done is another thing</source>
        <translation>将执行的内容已不同</translation>
    </message>
    <message>
        <source>Changed since you looked: %1.</source>
        <translation>自你查看后有变化：%1。</translation>
    </message>
</context>
<context>
    <name>signalbox::RequestsModel</name>
    <message>
        <source> (attempt %1)</source>
        <translation>（第 %1 次尝试）</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 毫秒</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>方法</translation>
    </message>
    <message>
        <source>Asked</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>已接收</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>连接</translation>
    </message>
</context>
<context>
    <name>signalbox::RequestsPanel</name>
    <message>
        <source>Running requests</source>
        <translation>进行中的请求</translation>
    </message>
    <message>
        <source>Close the panel of running requests</source>
        <translation>关闭进行中请求的面板</translation>
    </message>
    <message>
        <source>%1 open · %2 shown</source>
        <translation>%1 个进行中 · 显示 %2 个</translation>
    </message>
    <message>
        <source>Nothing was asked yet</source>
        <translation>尚未发出请求</translation>
    </message>
    <message>
        <source>Requests appear here as soon as a connection is in use.</source>
        <translation>一旦使用某个连接，请求就会显示在这里。</translation>
    </message>
</context>
<context>
    <name>signalbox::RiskView</name>
    <message>
        <source>Risk</source>
        <translation>风险</translation>
    </message>
    <message>
        <source>RISK %1</source>
        <translation>风险 %1</translation>
    </message>
    <message>
        <source>How good the figure is cannot be told yet: fewer than 10 promotions could be tried.</source>
        <translation>尚无法判断该数字有多准确：可供检验的晋级少于 10 次。</translation>
    </message>
    <message numerus="yes">
        <source>Brier score %1 on %n promotion(s) of this ledger; 0 is perfect.</source>
        <translation>
            <numerusform>对此台账的 %n 次晋级，Brier 分数为 %1；0 为完美。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Brier score %1 on %n promotion(s) of this ledger, better than always saying the share that failed (%2); 0 is perfect.</source>
        <translation>
            <numerusform>对此台账的 %n 次晋级，Brier 分数为 %1，优于总是给出失败比例（%2）；0 为完美。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Brier score %1 on %n promotion(s) of this ledger, no better than always saying the share that failed (%2): do not lean on it.</source>
        <translation>
            <numerusform>对此台账的 %n 次晋级，Brier 分数为 %1，并不优于总是给出失败比例（%2）：请勿依赖它。</numerusform>
        </translation>
    </message>
    <message>
        <source>weighs %1</source>
        <translation>权重 %1</translation>
    </message>
    <message>
        <source>How it is made</source>
        <translation>如何得出</translation>
    </message>
</context>
<context>
    <name>signalbox::RollbackPage</name>
    <message>
        <source>workload</source>
        <translation>工作负载</translation>
    </message>
    <message>
        <source>Go back to</source>
        <translation>回到</translation>
    </message>
    <message>
        <source>Revisions to go back to</source>
        <translation>可回到的修订版</translation>
    </message>
    <message>
        <source>What the rollback does</source>
        <translation>回滚会做什么</translation>
    </message>
    <message>
        <source>Roll back now</source>
        <translation>立即回滚</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>检查项</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>差异</translation>
    </message>
    <message>
        <source>what will be sent</source>
        <translation>将要发送的内容</translation>
    </message>
    <message>
        <source>Up, Down</source>
        <translation>上、下</translation>
    </message>
    <message>
        <source>choose where to go back to</source>
        <translation>选择回到哪个版本</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>go to the button</source>
        <translation>移到按钮</translation>
    </message>
    <message>
        <source>hold Enter</source>
        <translation>长按 Enter</translation>
    </message>
    <message>
        <source>roll back</source>
        <translation>回滚</translation>
    </message>
    <message>
        <source>%1 is failing in %2.</source>
        <translation>%2 中的 %1 出现故障。</translation>
    </message>
    <message>
        <source>%1 needs a look in %2.</source>
        <translation>%2 中的 %1 需要查看。</translation>
    </message>
    <message>
        <source>%1 of requests fail.</source>
        <translation>%1 的请求失败。</translation>
    </message>
    <message>
        <source>%1 of requests to %2 fail.</source>
        <translation>发往 %2 的请求有 %1 失败。</translation>
    </message>
    <message>
        <source>No application chosen</source>
        <translation>没有选择应用</translation>
    </message>
    <message>
        <source>Choose one above, or press Ctrl+K and type its name.</source>
        <translation>请在上方选择，或按 Ctrl+K 并输入其名称。</translation>
    </message>
    <message>
        <source>The revisions could not be read</source>
        <translation>无法读取修订版</translation>
    </message>
    <message>
        <source>Nothing to go back to</source>
        <translation>没有可回到的版本</translation>
    </message>
    <message>
        <source>The cluster keeps no earlier revision of this workload.</source>
        <translation>集群没有保留此工作负载的较早修订版。</translation>
    </message>
    <message>
        <source>Nothing can be rolled back now</source>
        <translation>目前无法回滚</translation>
    </message>
    <message>
        <source>The revisions could not be read: on the left it says why.</source>
        <translation>无法读取修订版：原因见左侧。</translation>
    </message>
    <message>
        <source>Nothing chosen</source>
        <translation>没有选择</translation>
    </message>
    <message>
        <source>Choose a revision on the left: what going back to it does is shown here.</source>
        <translation>请在左侧选择修订版：回到该版本会做什么将显示在这里。</translation>
    </message>
    <message>
        <source>dry run accepted by the server at %1</source>
        <translation>服务器已于 %1 接受试运行</translation>
    </message>
    <message>
        <source>not tried by a dry run</source>
        <translation>未经试运行</translation>
    </message>
    <message>
        <source>Choose a revision to go back to.</source>
        <translation>请选择要回到的修订版。</translation>
    </message>
    <message>
        <source>None could be made: below it says why.</source>
        <translation>无法生成：原因见下方。</translation>
    </message>
    <message>
        <source>Without the revisions there is no plan.</source>
        <translation>没有修订版就没有计划。</translation>
    </message>
    <message>
        <source>This is what runs now. Choose another revision to go back to.</source>
        <translation>这是当前运行的版本。请选择其他修订版。</translation>
    </message>
    <message>
        <source>No plan</source>
        <translation>没有计划</translation>
    </message>
    <message>
        <source>No checks</source>
        <translation>没有检查项</translation>
    </message>
    <message>
        <source>They come with the plan.</source>
        <translation>随计划一起生成。</translation>
    </message>
    <message>
        <source>No difference</source>
        <translation>没有差异</translation>
    </message>
    <message>
        <source>It comes with the plan.</source>
        <translation>随计划一起生成。</translation>
    </message>
    <message>
        <source>%1.</source>
        <translation>%1。</translation>
    </message>
    <message>
        <source>%1 of requests to %2 fail; of those to %3, %4.</source>
        <translation>发往 %2 的请求有 %1 失败；发往 %3 的为 %4。</translation>
    </message>
    <message>
        <source>%1 of live traffic</source>
        <translation>%1 的线上流量</translation>
    </message>
    <message>
        <source>%1 errors</source>
        <translation>%1 错误</translation>
    </message>
    <message>
        <source>Checks at %1</source>
        <translation>%1 时的检查项</translation>
    </message>
    <message>
        <source>what was sent</source>
        <translation>已发送的内容</translation>
    </message>
    <message>
        <source>Nothing was written.</source>
        <translation>没有写入任何内容。</translation>
    </message>
    <message>
        <source>No figure since %1.</source>
        <translation>自 %1 起没有指标数据。</translation>
    </message>
    <message>
        <source>Nothing to judge it by since %1.</source>
        <translation>自 %1 起没有可作比较的依据。</translation>
    </message>
</context>
<context>
    <name>signalbox::RollbackPresenter</name>
    <message>
        <source>%1 in %2 runs on nothing that keeps revisions.</source>
        <translation>%2 中的 %1 没有运行在保留修订版的工作负载上。</translation>
    </message>
    <message>
        <source>all traffic to %1 · %2 of %3 pods ready</source>
        <translation>全部流量指向 %1 · %2 / %3 个 Pod 就绪</translation>
    </message>
    <message>
        <source>%1 of %2 pods ready</source>
        <translation>%1 / %2 个 Pod 就绪</translation>
    </message>
    <message>
        <source>%1 of %2 pods</source>
        <translation>%1 / %2 个 Pod</translation>
    </message>
</context>
<context>
    <name>signalbox::RulesList</name>
    <message>
        <source>passes</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>waits</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>blocks</source>
        <translation>阻断</translation>
    </message>
    <message>
        <source>told only: it does not stand against this</source>
        <translation>仅供告知：不构成阻碍</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>检查项</translation>
    </message>
    <message numerus="yes">
        <source>%n passed</source>
        <translation>
            <numerusform>%n 项通过</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>%n 项等待中</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n not known</source>
        <translation>
            <numerusform>%n 项未知</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n blocking</source>
        <translation>
            <numerusform>%n 项阻断</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>signalbox::RunDelegate</name>
    <message>
        <source>%1 ago</source>
        <translation>%1前</translation>
    </message>
</context>
<context>
    <name>signalbox::RunHead</name>
    <message>
        <source>usually %1 · %2</source>
        <translation>通常 %1 · %2</translation>
    </message>
    <message>
        <source>running for %1</source>
        <translation>已运行 %1</translation>
    </message>
    <message>
        <source>took %1 · usually %2</source>
        <translation>用时 %1 · 通常 %2</translation>
    </message>
    <message>
        <source>took %1</source>
        <translation>用时 %1</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Rerun</source>
        <translation>重新运行</translation>
    </message>
    <message>
        <source>Trigger...</source>
        <translation>触发…</translation>
    </message>
    <message>
        <source>All of it</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Only what failed</source>
        <translation>仅失败的部分</translation>
    </message>
    <message>
        <source>No run is chosen</source>
        <translation>未选择运行</translation>
    </message>
    <message>
        <source>Choose one in the list at the left.</source>
        <translation>请在左侧列表中选择一个。</translation>
    </message>
    <message>
        <source>This run is not listed</source>
        <translation>这次运行不在列表中</translation>
    </message>
    <message>
        <source>Its server does not list it any more, or it was not read yet.</source>
        <translation>其服务器不再列出它，或尚未读取。</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>重新读取</translation>
    </message>
    <message>
        <source>triggered by %1</source>
        <translation>由%1触发</translation>
    </message>
    <message>
        <source>attempt %1</source>
        <translation>第 %1 次尝试</translation>
    </message>
    <message>
        <source>by %1</source>
        <translation>出自 %1</translation>
    </message>
    <message>
        <source>Not live: read %1 ago.</source>
        <translation>非实时：%1 前读取。</translation>
    </message>
    <message>
        <source>The server tells no stages of this run.</source>
        <translation>服务器没有给出这次运行的阶段。</translation>
    </message>
    <message>
        <source>Its stages could not be read. %1</source>
        <translation>无法读取其阶段。%1</translation>
    </message>
    <message>
        <source>Its stages are being read.</source>
        <translation>正在读取其阶段。</translation>
    </message>
    <message>
        <source>Only the job %1</source>
        <translation>仅作业 %1</translation>
    </message>
    <message>
        <source>Only one job</source>
        <translation>仅一个作业</translation>
    </message>
    <message>
        <source>queued %1</source>
        <translation>排队 %1</translation>
    </message>
    <message>
        <source>Open the run it started</source>
        <translation>打开它启动的运行</translation>
    </message>
    <message>
        <source>This run could not be read</source>
        <translation>无法读取这次运行</translation>
    </message>
    <message>
        <source>Back to %1</source>
        <translation>返回 %1</translation>
    </message>
    <message>
        <source>Back to the run that started this one (Alt+Left)</source>
        <translation>返回启动本次运行的那次运行（Alt+Left）</translation>
    </message>
    <message>
        <source>%1 started run %2 of %3</source>
        <translation>%1 启动了 %3 的运行 %2</translation>
    </message>
    <message>
        <source>It begins by itself: %1</source>
        <translation>它自行开始：%1</translation>
    </message>
    <message>
        <source>approved by %1</source>
        <translation>由 %1 批准</translation>
    </message>
    <message>
        <source>rejected by %1</source>
        <translation>由 %1 驳回</translation>
    </message>
    <message>
        <source>somebody</source>
        <translation>某人</translation>
    </message>
    <message>
        <source>Look at another attempt of this run</source>
        <translation>查看此运行的另一次尝试</translation>
    </message>
    <message>
        <source>earlier attempt</source>
        <translation>较早的尝试</translation>
    </message>
    <message>
        <source>attempt %1 of %2</source>
        <translation>第 %1 次尝试，共 %2 次</translation>
    </message>
    <message>
        <source>Attempt %1, the newest</source>
        <translation>第 %1 次尝试（最新）</translation>
    </message>
    <message>
        <source>Attempt %1</source>
        <translation>第 %1 次尝试</translation>
    </message>
    <message>
        <source>This is attempt %1 of %2, as it ended: nothing can be done with it.</source>
        <translation>这是第 %1 次尝试（共 %2 次），为其结束时的样子：不能对它做任何操作。</translation>
    </message>
    <message>
        <source>Attempt %1 could not be read. %2</source>
        <translation>无法读取第 %1 次尝试。%2</translation>
    </message>
    <message>
        <source>Attempt %1 is being read.</source>
        <translation>正在读取第 %1 次尝试。</translation>
    </message>
</context>
<context>
    <name>signalbox::RunList</name>
    <message>
        <source>Runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Filter runs</source>
        <translation>筛选运行</translation>
    </message>
    <message>
        <source>Only runs of the states that are chosen</source>
        <translation>只显示所选状态的运行</translation>
    </message>
    <message>
        <source>Whose runs are listed</source>
        <translation>列出谁的运行</translation>
    </message>
    <message>
        <source>How runs are grouped</source>
        <translation>运行如何分组</translation>
    </message>
    <message>
        <source>newest first</source>
        <translation>最新在前</translation>
    </message>
    <message>
        <source>by pipeline</source>
        <translation>按流水线</translation>
    </message>
    <message>
        <source>by state</source>
        <translation>按状态</translation>
    </message>
    <message>
        <source>by application</source>
        <translation>按应用</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Nothing fits the filter</source>
        <translation>没有符合筛选条件的内容</translation>
    </message>
    <message>
        <source>Esc clears it.</source>
        <translation>按 Esc 清除。</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>显示全部</translation>
    </message>
    <message>
        <source>No server with pipelines</source>
        <translation>没有流水线服务器</translation>
    </message>
    <message>
        <source>Add one in Connections: Jenkins, GitHub, GitLab or Travis CI, with its address and the projects to follow.</source>
        <translation>在“连接”中添加一个：Jenkins、GitHub、GitLab 或 Travis CI，并给出地址和要跟踪的项目。</translation>
    </message>
    <message>
        <source>Add one...</source>
        <translation>添加…</translation>
    </message>
    <message>
        <source>No runs yet</source>
        <translation>尚无运行</translation>
    </message>
    <message>
        <source>The pipelines of these servers did not run, or keep no runs.</source>
        <translation>这些服务器的流水线没有运行过，或没有保留运行。</translation>
    </message>
    <message>
        <source>No runs</source>
        <translation>没有运行</translation>
    </message>
    <message>
        <source>The run shown is hidden by the filter.</source>
        <translation>筛选条件隐藏了当前显示的运行。</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>服务器</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>顺序</translation>
    </message>
    <message>
        <source>%1 servers</source>
        <translation>%1 台服务器</translation>
    </message>
</context>
<context>
    <name>signalbox::RunOrderDialog</name>
    <message>
        <source>Run %1 again</source>
        <translation>重新运行 %1</translation>
    </message>
    <message>
        <source>Run what failed of %1 again</source>
        <translation>重新运行 %1 中失败的部分</translation>
    </message>
    <message>
        <source>Cancel %1</source>
        <translation>取消 %1</translation>
    </message>
    <message>
        <source>Start %1</source>
        <translation>启动 %1</translation>
    </message>
    <message>
        <source>Run again</source>
        <translation>重新运行</translation>
    </message>
    <message>
        <source>Run what failed</source>
        <translation>运行失败的部分</translation>
    </message>
    <message>
        <source>Cancel the run</source>
        <translation>取消运行</translation>
    </message>
    <message>
        <source>Start a run</source>
        <translation>启动运行</translation>
    </message>
    <message>
        <source>&amp;Branch or tag</source>
        <translation>分支或标签(&amp;B)</translation>
    </message>
    <message>
        <source>Branch or tag</source>
        <translation>分支或标签</translation>
    </message>
    <message>
        <source>Say which branch or tag.</source>
        <translation>请指明分支或标签。</translation>
    </message>
    <message>
        <source>Fill in %1 first.</source>
        <translation>请先填写 %1。</translation>
    </message>
    <message>
        <source>Run the job %1 of %2 again</source>
        <translation>重新运行 %2 的作业 %1</translation>
    </message>
    <message>
        <source>Run the job again</source>
        <translation>重新运行该作业</translation>
    </message>
</context>
<context>
    <name>signalbox::RunParameters</name>
    <message>
        <source>%1 (required)</source>
        <translation>%1（必填）</translation>
    </message>
</context>
<context>
    <name>signalbox::RunsModel</name>
    <message numerus="yes">
        <source>%n second(s)</source>
        <translation>
            <numerusform>%n 秒</numerusform>
        </translation>
    </message>
    <message>
        <source>not live</source>
        <translation>非实时</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>未通过</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>other</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>no application</source>
        <translation>无应用</translation>
    </message>
    <message numerus="yes">
        <source>%1, %n run(s)</source>
        <translation>
            <numerusform>%1，%n 次运行</numerusform>
        </translation>
    </message>
    <message>
        <source>Older runs...</source>
        <translation>更早的运行…</translation>
    </message>
</context>
<context>
    <name>signalbox::ServerFields</name>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Empty: its host</source>
        <translation>留空：使用其主机名</translation>
    </message>
    <message>
        <source>User</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>Whose API token it is</source>
        <translation>API 令牌属于谁</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>令牌</translation>
    </message>
    <message>
        <source>env:NAME, file:/path or keychain:name; empty: none</source>
        <translation>env:NAME、file:/path 或 keychain:name；留空：无</translation>
    </message>
    <message>
        <source>Projects</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>Certificate authority file</source>
        <translation>证书颁发机构文件</translation>
    </message>
    <message>
        <source>Empty: the system&apos;s</source>
        <translation>留空：使用系统的</translation>
    </message>
    <message>
        <source>Do not verify its TLS certificate</source>
        <translation>不验证其 TLS 证书</translation>
    </message>
    <message>
        <source>Empty: %1</source>
        <translation>留空：%1</translation>
    </message>
    <message>
        <source>Empty: all jobs that may be read</source>
        <translation>留空：所有可读的作业</translation>
    </message>
    <message>
        <source>Projects are paths of jobs, multibranch projects or folders, as team/cart, separated by spaces. The token is named, never typed here: the secret itself stays where it is.</source>
        <translation>项目是作业、多分支项目或文件夹的路径，如 team/cart，以空格分隔。此处只写令牌的引用，从不输入令牌本身：机密留在原处。</translation>
    </message>
    <message>
        <source>Projects as the server names them, separated by spaces. The token is named, never typed here: the secret itself stays where it is.</source>
        <translation>按服务器的叫法写出项目，以空格分隔。此处只写令牌的引用，从不输入令牌本身：机密留在原处。</translation>
    </message>
    <message>
        <source>Expected http://host:port or https://host, without a password in it</source>
        <translation>应为 http://host:port 或 https://host，且不含密码</translation>
    </message>
    <message>
        <source>Name the projects to follow</source>
        <translation>请写出要跟踪的项目</translation>
    </message>
    <message>
        <source>A Jenkins wants the user and the API token together</source>
        <translation>Jenkins 需要用户和 API 令牌一起给出</translation>
    </message>
</context>
<context>
    <name>signalbox::Session</name>
    <message>
        <source>%1 serves no workloads.</source>
        <translation>%1 不提供工作负载。</translation>
    </message>
</context>
<context>
    <name>signalbox::SettingsPage</name>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Changes at once; what runs goes on. Commands, the log and the ledger&apos;s fields stay English.</source>
        <translation>立即切换，运行中的操作会继续。命令行、日志和台账字段保持英文。</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark and light follow the system unless chosen here.</source>
        <translation>除非在此选择，深色和浅色跟随系统。</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>动效</translation>
    </message>
    <message>
        <source>Where it explains</source>
        <translation>用于说明变化</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Traffic that moves, a step that starts: never longer than 0.2 seconds.</source>
        <translation>流量移动、步骤开始：从不超过 0.2 秒。</translation>
    </message>
    <message>
        <source>The system&apos;s (%1)</source>
        <translation>系统时区（%1）</translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation>时区</translation>
    </message>
    <message>
        <source>Of every time that is shown. UTC is always told on hover, and the zone wherever a time is copied.</source>
        <translation>用于显示的所有时间。悬停时总会显示 UTC，复制时间时会带上时区。</translation>
    </message>
    <message>
        <source>Behaviour</source>
        <translation>行为</translation>
    </message>
    <message>
        <source> s</source>
        <translation> 秒</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>刷新</translation>
    </message>
    <message>
        <source>How often metrics and usage are asked for. What a cluster watches arrives by itself.</source>
        <translation>查询指标和用量的间隔。集群监视的内容会自动到达。</translation>
    </message>
    <message>
        <source>Ask instead of hold</source>
        <translation>以询问代替长按</translation>
    </message>
    <message>
        <source>Confirming by a hold</source>
        <translation>长按确认</translation>
    </message>
    <message>
        <source>Where keys cannot be held, as with screen readers and remote desktops: going on asks for the application&apos;s name, going back asks one plain question.</source>
        <translation>适用于无法长按按键的场合，如屏幕阅读器和远程桌面：前进操作会要求输入应用名称，回退只问一个简单的问题。</translation>
    </message>
    <message>
        <source>Logs and data</source>
        <translation>日志与数据</translation>
    </message>
    <message>
        <source>Log level</source>
        <translation>日志级别</translation>
    </message>
    <message>
        <source>Warnings only</source>
        <translation>仅警告</translation>
    </message>
    <message>
        <source>Usual</source>
        <translation>普通</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Nothing secret is written, whatever the level.</source>
        <translation>无论何种级别，都不会写入密文。</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Open folder: %1</source>
        <translation>打开文件夹：%1</translation>
    </message>
    <message>
        <source>%1 could not be opened. Open it in your file manager.</source>
        <translation>%1 无法打开。请在文件管理器中打开。</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Journal, ledger, preferences</source>
        <translation>操作日志、台账、首选项</translation>
    </message>
    <message>
        <source>Tab</source>
        <translation>Tab</translation>
    </message>
    <message>
        <source>Go from one to the next</source>
        <translation>转到下一个</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Leave a field: digits are screens again</source>
        <translation>离开字段：数字键重新用于切换页面</translation>
    </message>
    <message>
        <source>Tell me on the desktop</source>
        <translation>在桌面上告诉我</translation>
    </message>
    <message>
        <source>A promotion waits for you</source>
        <translation>有晋级在等你处理</translation>
    </message>
    <message>
        <source>By a notification of the desktop; never while this window is in front.</source>
        <translation>通过桌面通知；此窗口在最前时绝不通知。</translation>
    </message>
</context>
<context>
    <name>signalbox::SideNav</name>
    <message>
        <source>Navigation</source>
        <translation>导航</translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>已固定</translation>
    </message>
    <message>
        <source>Pinned application</source>
        <translation>已固定的应用</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>取消固定</translation>
    </message>
</context>
<context>
    <name>signalbox::SourceSet</name>
    <message>
        <source>Fetching %1 was stopped.</source>
        <translation>对 %1 的获取已停止。</translation>
    </message>
    <message>
        <source>%1 has not answered yet.</source>
        <translation>%1 尚未响应。</translation>
    </message>
</context>
<context>
    <name>signalbox::SplitSlider</name>
    <message>
        <source>Share of traffic for %1</source>
        <translation>%1 的流量占比</translation>
    </message>
    <message>
        <source>wanted %1 %</source>
        <translation>目标 %1 %</translation>
    </message>
    <message>
        <source>wanted %1 %, now %2 %</source>
        <translation>目标 %1 %，当前 %2 %</translation>
    </message>
    <message>
        <source>This router moves all traffic or none: press a side, or use the arrow keys</source>
        <translation>此路由要么切换全部流量，要么不切换：请点击一侧，或使用方向键</translation>
    </message>
    <message>
        <source>Drag, or use the arrow keys: 1 %, with Page Up and Page Down 10 %</source>
        <translation>拖动，或使用方向键：每次 1 %，Page Up 和 Page Down 每次 10 %</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>planned: %1 %2</source>
        <translation>计划：%1 %2</translation>
    </message>
</context>
<context>
    <name>signalbox::StageGraphView</name>
    <message>
        <source>Stages</source>
        <translation>阶段</translation>
    </message>
    <message>
        <source>may fail</source>
        <translation>允许失败</translation>
    </message>
    <message>
        <source>after %1</source>
        <translation>在 %1 之后</translation>
    </message>
</context>
<context>
    <name>signalbox::StageStrip</name>
    <message>
        <source>observed</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>%1 left of %2</source>
        <translation>%2 中还剩 %1</translation>
    </message>
    <message>
        <source>Stages: %1</source>
        <translation>阶段：%1</translation>
    </message>
    <message>
        <source>has it</source>
        <translation>已达到</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is not a stage: expected a share of 0 to 100 and how long to wait, as in &quot;25 15m&quot;.</source>
        <translation>“%1”不是阶段：应为 0 到 100 的占比和等待时长，如“25 15m”。</translation>
    </message>
    <message>
        <source>%1 % comes after %2 %: each stage has to take more than the one before.</source>
        <translation>%1 % 排在 %2 % 之后：每个阶段都必须大于前一个。</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is not a stage: expected to wait no longer than a week (168h).</source>
        <translation>“%1”不是阶段：等待时长不得超过一周（168h）。</translation>
    </message>
    <message>
        <source>There is no stage: write for example &quot;5 10m, 25 15m, 100&quot;.</source>
        <translation>没有阶段：请填写例如“5 10m, 25 15m, 100”。</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 m</source>
        <translation>%1 分</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 小时</translation>
    </message>
</context>
<context>
    <name>signalbox::StageTimes</name>
    <message>
        <source>Stage times</source>
        <translation>阶段用时</translation>
    </message>
    <message>
        <source>usually %1</source>
        <translation>通常 %1</translation>
    </message>
</context>
<context>
    <name>signalbox::StatTile</name>
    <message>
        <source>stale: nothing is heard from the source</source>
        <translation>数据陈旧：没有收到来源的消息</translation>
    </message>
</context>
<context>
    <name>signalbox::StatusBar</name>
    <message>
        <source>loading</source>
        <translation>加载中</translation>
    </message>
    <message>
        <source>live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>stale, %1 old</source>
        <translation>数据陈旧（%1前）</translation>
    </message>
    <message>
        <source>not reachable</source>
        <translation>无法访问</translation>
    </message>
    <message>
        <source>some kinds may not be read</source>
        <translation>部分资源无权读取</translation>
    </message>
    <message>
        <source>nothing to read</source>
        <translation>没有可读取的内容</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态栏</translation>
    </message>
    <message>
        <source>Nothing you do here reaches a real system</source>
        <translation>你在此处的操作不会触及真实系统</translation>
    </message>
    <message>
        <source>The name your operations are recorded under</source>
        <translation>记录你的操作时所用的名称</translation>
    </message>
    <message>
        <source>%1 pods</source>
        <translation>%1 个 Pod</translation>
    </message>
    <message>
        <source>TLS not verified</source>
        <translation>未验证 TLS</translation>
    </message>
    <message>
        <source>%1 old</source>
        <translation>%1前的数据</translation>
    </message>
    <message>
        <source>1 request open</source>
        <translation>1 个请求进行中</translation>
    </message>
    <message>
        <source>%1 requests open</source>
        <translation>%1 个请求进行中</translation>
    </message>
    <message>
        <source>Shows what is being asked of whom (Ctrl+J)</source>
        <translation>显示正在向谁请求什么（Ctrl+J）</translation>
    </message>
    <message>
        <source>clock %1 behind</source>
        <translation>时钟慢 %1</translation>
    </message>
    <message>
        <source>clock %1 ahead</source>
        <translation>时钟快 %1</translation>
    </message>
    <message>
        <source>Its clock and this computer&apos;s are that far apart. Ages and times are told by this computer&apos;s, those in logs by its own.</source>
        <translation>它的时钟与本机时钟相差这么多。时长和时间按本机时钟显示，日志中的时间按它自己的时钟显示。</translation>
    </message>
    <message>
        <source>rate limit %1 left</source>
        <translation>限额剩余 %1</translation>
    </message>
    <message>
        <source>polling every %1</source>
        <translation>每 %1 轮询</translation>
    </message>
    <message>
        <source>%1 of %2 requests left</source>
        <translation>请求剩余 %1 / %2</translation>
    </message>
    <message>
        <source>since %1</source>
        <translation>自 %1 起</translation>
    </message>
    <message>
        <source>What is shown was true at %1</source>
        <translation>所示内容截至 %1 为准</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>剩余 %1</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>stale %1</source>
        <translation>陈旧 %1</translation>
    </message>
    <message>
        <source>no answer</source>
        <translation>无应答</translation>
    </message>
    <message>
        <source>denied</source>
        <translation>无权读取</translation>
    </message>
    <message>
        <source>clock off</source>
        <translation>时钟不准</translation>
    </message>
    <message>
        <source>TLS?</source>
        <translation>TLS?</translation>
    </message>
    <message>
        <source>partly read</source>
        <translation>部分可读</translation>
    </message>
    <message>
        <source>only namespace %1</source>
        <translation>仅命名空间 %1</translation>
    </message>
    <message>
        <source>only %1 namespaces</source>
        <translation>仅 %1 个命名空间</translation>
    </message>
    <message>
        <source>Only a part of this cluster is shown, its namespaces %1.</source>
        <translation>仅显示此集群的一部分，即命名空间 %1。</translation>
    </message>
</context>
<context>
    <name>signalbox::StepsTable</name>
    <message>
        <source>written, not reported</source>
        <translation>已写入，未报告</translation>
    </message>
    <message>
        <source>observed</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>not effective</source>
        <translation>没有生效</translation>
    </message>
    <message>
        <source>outcome unknown</source>
        <translation>结果未知</translation>
    </message>
    <message>
        <source>the world moved</source>
        <translation>状态已变化</translation>
    </message>
    <message>
        <source>taken back</source>
        <translation>已撤回</translation>
    </message>
    <message>
        <source>sent</source>
        <translation>已发送</translation>
    </message>
    <message>
        <source>answer lost, reading again</source>
        <translation>响应丢失，重新读取中</translation>
    </message>
    <message>
        <source>accepted</source>
        <translation>已接受</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>还剩 %1</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>已略过</translation>
    </message>
    <message>
        <source>not sent</source>
        <translation>未发送</translation>
    </message>
    <message>
        <source>waits</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>dry run passed</source>
        <translation>试运行通过</translation>
    </message>
    <message>
        <source>not tried</source>
        <translation>未执行</translation>
    </message>
    <message>
        <source>Steps of the plan</source>
        <translation>计划的步骤</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步骤</translation>
    </message>
    <message>
        <source>Through</source>
        <translation>途径</translation>
    </message>
    <message>
        <source>Expected</source>
        <translation>预期</translation>
    </message>
    <message>
        <source>Step %1, can be left out: %2</source>
        <translation>步骤 %1，可略过：%2</translation>
    </message>
    <message>
        <source>Offered, not needed: leave it out if you like.</source>
        <translation>建议执行但非必需：可以略过。</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>Step %1: %2</source>
        <translation>步骤 %1：%2</translation>
    </message>
</context>
<context>
    <name>signalbox::TeamLedger</name>
    <message>
        <source>The ledger %1 is shared with nobody: name its address in the workspace, &quot;url&quot; under &quot;ledger&quot;.</source>
        <translation>台账 %1 没有与任何人共享：请在工作区的 &quot;ledger&quot; 下用 &quot;url&quot; 指定其地址。</translation>
    </message>
</context>
<context>
    <name>signalbox::TestsCard</name>
    <message>
        <source>flaky</source>
        <translation>不稳定</translation>
    </message>
    <message>
        <source>new</source>
        <translation>新</translation>
    </message>
    <message>
        <source>failed %1 times in a row</source>
        <translation>连续失败 %1 次</translation>
    </message>
    <message>
        <source>fails since #%1</source>
        <translation>自 #%1 起失败</translation>
    </message>
    <message>
        <source>Tests</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>Artifacts</source>
        <translation>制品</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>注释</translation>
    </message>
    <message>
        <source>Not read</source>
        <translation>未读取</translation>
    </message>
    <message>
        <source>See above why.</source>
        <translation>原因见上。</translation>
    </message>
    <message>
        <source>No tests yet</source>
        <translation>尚无测试</translation>
    </message>
    <message>
        <source>They are shown as soon as the run reports some.</source>
        <translation>运行一报告测试就会显示。</translation>
    </message>
    <message>
        <source>No tests</source>
        <translation>没有测试</translation>
    </message>
    <message>
        <source>The run reported none. Jenkins and GitLab show what a step publishes as JUnit.</source>
        <translation>这次运行没有报告测试。Jenkins 和 GitLab 显示步骤以 JUnit 发布的结果。</translation>
    </message>
    <message>
        <source>The tests could not be read</source>
        <translation>无法读取测试</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%2 的 %1</translation>
    </message>
    <message>
        <source>%1 passed</source>
        <translation>%1 通过</translation>
    </message>
    <message>
        <source>%1 failed</source>
        <translation>%1 失败</translation>
    </message>
    <message>
        <source>%1 skipped</source>
        <translation>%1 跳过</translation>
    </message>
    <message>
        <source>%1 passed, %2 failed, %3 skipped</source>
        <translation>%1 通过，%2 失败，%3 跳过</translation>
    </message>
    <message>
        <source>Coverage so far %1</source>
        <translation>目前覆盖率 %1</translation>
    </message>
    <message>
        <source>Coverage %1</source>
        <translation>覆盖率 %1</translation>
    </message>
    <message>
        <source>%1 · last run %2</source>
        <translation>%1 · 上次运行 %2</translation>
    </message>
    <message>
        <source>Slowest: %1, %2</source>
        <translation>最慢：%1，%2</translation>
    </message>
    <message>
        <source>The server lists only some of them.</source>
        <translation>服务器只列出其中一部分。</translation>
    </message>
    <message>
        <source>release</source>
        <translation>发布</translation>
    </message>
    <message>
        <source>expired</source>
        <translation>已过期</translation>
    </message>
    <message>
        <source>kept until %1</source>
        <translation>保留至 %1</translation>
    </message>
    <message>
        <source>No artifacts</source>
        <translation>没有制品</translation>
    </message>
    <message>
        <source>The run has left none so far.</source>
        <translation>这次运行目前没有留下制品。</translation>
    </message>
    <message>
        <source>No notes</source>
        <translation>没有注释</translation>
    </message>
    <message>
        <source>No job said anything for people.</source>
        <translation>没有作业留下给人看的话。</translation>
    </message>
    <message>
        <source>No run</source>
        <translation>没有运行</translation>
    </message>
    <message>
        <source>Choose one in the list.</source>
        <translation>请在列表中选择一次运行。</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>还有 %n 项</numerusform>
        </translation>
    </message>
    <message>
        <source>listed are failures first, then skipped ones</source>
        <translation>列表中失败的在前，其次是跳过的</translation>
    </message>
    <message>
        <source>Servers report tests of the newest attempt only: choose it above.</source>
        <translation>服务器只报告最新一次尝试的测试：请在上方选择它。</translation>
    </message>
    <message>
        <source>No tests reported</source>
        <translation>没有报告测试</translation>
    </message>
    <message>
        <source>None is known to be of this attempt: the newest one has those of the run.</source>
        <translation>没有已知属于此次尝试的制品：运行的制品列在最新一次尝试下。</translation>
    </message>
</context>
<context>
    <name>signalbox::Timeline</name>
    <message>
        <source>right</source>
        <translation>正确</translation>
    </message>
    <message>
        <source>wrong</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>no help</source>
        <translation>没有帮助</translation>
    </message>
    <message>
        <source>Time line</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>A faster path: %1</source>
        <translation>更快的路径：%1</translation>
    </message>
</context>
<context>
    <name>signalbox::TimesCard</name>
    <message>
        <source>Stage times</source>
        <translation>阶段用时</translation>
    </message>
    <message>
        <source>duration</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>queue time</source>
        <translation>排队时间</translation>
    </message>
    <message>
        <source>success rate</source>
        <translation>成功率</translation>
    </message>
    <message>
        <source>This run</source>
        <translation>本次运行</translation>
    </message>
    <message>
        <source>Trends</source>
        <translation>趋势</translation>
    </message>
    <message>
        <source>Not read</source>
        <translation>未读取</translation>
    </message>
    <message>
        <source>See above why.</source>
        <translation>原因见上。</translation>
    </message>
    <message>
        <source>this run</source>
        <translation>本次运行</translation>
    </message>
    <message>
        <source>this run against the median of %1</source>
        <translation>本次运行与 %1 次的中位数对比</translation>
    </message>
    <message>
        <source>Nothing has started</source>
        <translation>尚未开始</translation>
    </message>
    <message>
        <source>Bars are drawn as soon as a stage begins.</source>
        <translation>阶段一开始就会画出条形。</translation>
    </message>
    <message>
        <source>Nothing to draw</source>
        <translation>没有可画的内容</translation>
    </message>
    <message numerus="yes">
        <source>%1, %n run(s) known</source>
        <translation>
            <numerusform>%1，已知 %n 次运行</numerusform>
        </translation>
    </message>
    <message>
        <source>Too few days for a trend</source>
        <translation>天数太少，看不出趋势</translation>
    </message>
    <message>
        <source>%1 of the known runs passed, %2 failed. &quot;Older runs&quot; in the list brings more.</source>
        <translation>已知的运行中 %1 次通过，%2 次失败。列表中的“更早的运行”会带来更多。</translation>
    </message>
    <message>
        <source>No run of this pipeline has ended.</source>
        <translation>该流水线还没有结束的运行。</translation>
    </message>
    <message>
        <source>failed %1 of %2</source>
        <translation>%2 次中失败 %1 次</translation>
    </message>
    <message numerus="yes">
        <source>failed and passed on %n commit(s)</source>
        <translation>
            <numerusform>在 %n 个提交上既失败又通过</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>changed %n time(s)</source>
        <translation>
            <numerusform>变化 %n 次</numerusform>
        </translation>
    </message>
    <message>
        <source>flakiest tests</source>
        <translation>最不稳定的测试</translation>
    </message>
    <message>
        <source>Flakiest tests</source>
        <translation>最不稳定的测试</translation>
    </message>
    <message numerus="yes">
        <source>of %n earlier report(s)</source>
        <translation>
            <numerusform>来自 %n 份先前的报告</numerusform>
        </translation>
    </message>
    <message>
        <source>No reports of earlier runs</source>
        <translation>没有先前运行的报告</translation>
    </message>
    <message>
        <source>Flaky tests are told from what earlier runs reported. None of them reported tests so far.</source>
        <translation>不稳定的测试根据先前运行的报告判断。目前先前的运行均未报告测试。</translation>
    </message>
    <message>
        <source>No flaky tests</source>
        <translation>没有不稳定的测试</translation>
    </message>
    <message numerus="yes">
        <source>None both failed and passed on one commit, or changed its outcome at least %n time(s) on a branch.</source>
        <translation>
            <numerusform>没有测试在同一提交上既失败又通过，也没有测试在同一分支上结果变化至少 %n 次。</numerusform>
        </translation>
    </message>
    <message>
        <source>Trend of</source>
        <translation>趋势</translation>
    </message>
</context>
<context>
    <name>signalbox::TrackCard</name>
    <message>
        <source>%1, version %2, %3 of live traffic, %4 of %5 pods ready</source>
        <translation>%1，版本 %2，占线上流量 %3，%4 / %5 个 Pod 就绪</translation>
    </message>
    <message>
        <source>, %1 requests</source>
        <translation>，%1 请求</translation>
    </message>
    <message>
        <source>, %1 errors</source>
        <translation>，%1 错误</translation>
    </message>
    <message>
        <source>ONLY TRACK</source>
        <translation>唯一轨道</translation>
    </message>
    <message>
        <source>of live traffic</source>
        <translation>线上流量</translation>
    </message>
    <message>
        <source>share not known</source>
        <translation>占比未知</translation>
    </message>
    <message>
        <source>pods ready</source>
        <translation>Pod 就绪</translation>
    </message>
    <message>
        <source>requests</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>%1 errors</source>
        <translation>%1 错误</translation>
    </message>
    <message>
        <source>The share is what the router is set to now. Requests and errors were counted over the last minutes: after a move they follow later.</source>
        <translation>份额是路由器现在的设置。请求和错误按最近几分钟统计：流量移动后它们稍后才跟上。</translation>
    </message>
</context>
<context>
    <name>signalbox::TrafficPage</name>
    <message>
        <source>in force</source>
        <translation>已生效</translation>
    </message>
    <message>
        <source>in force: %1</source>
        <translation>已生效：%1</translation>
    </message>
    <message>
        <source>not in force: %1</source>
        <translation>未生效：%1</translation>
    </message>
    <message>
        <source>nothing reports whether it is in force</source>
        <translation>没有信息说明是否生效</translation>
    </message>
    <message>
        <source>router</source>
        <translation>路由</translation>
    </message>
    <message>
        <source>move to</source>
        <translation>切换到</translation>
    </message>
    <message>
        <source>Live traffic</source>
        <translation>线上流量</translation>
    </message>
    <message>
        <source>Want %1 %</source>
        <translation>目标 %1 %</translation>
    </message>
    <message>
        <source>Else the change may be written back within seconds. It stays paused until somebody ends it; the outcome says how.</source>
        <translation>否则该变更可能在几秒内被写回。它会一直保持暂停，直到有人解除；结果中会说明如何解除。</translation>
    </message>
    <message>
        <source>in steps</source>
        <translation>分步进行</translation>
    </message>
    <message>
        <source>Move step by step and wait after each, so that a bad version hurts few.</source>
        <translation>逐步切换，每步之后等待，使有问题的版本只影响少数用户。</translation>
    </message>
    <message>
        <source>Stages: per cent and how long to wait</source>
        <translation>阶段：百分比和等待时长</translation>
    </message>
    <message>
        <source>Per cent and how long to wait after it, as in &quot;5 10m, 25 15m, 100&quot;</source>
        <translation>百分比及其后的等待时长，如“5 10m, 25 15m, 100”</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>检查项</translation>
    </message>
    <message>
        <source>Next change</source>
        <translation>下一步变更</translation>
    </message>
    <message>
        <source>what will be sent</source>
        <translation>将要发送的内容</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>切流</translation>
    </message>
    <message>
        <source>All back</source>
        <translation>全部切回</translation>
    </message>
    <message>
        <source>Left, Right</source>
        <translation>左、右</translation>
    </message>
    <message>
        <source>1 % more, 1 % less for the candidate</source>
        <translation>候选版本增加 1 %、减少 1 %</translation>
    </message>
    <message>
        <source>Page Up, Page Down</source>
        <translation>Page Up、Page Down</translation>
    </message>
    <message>
        <source>10 % more, 10 % less</source>
        <translation>增加 10 %、减少 10 %</translation>
    </message>
    <message>
        <source>hold Enter</source>
        <translation>长按 Enter</translation>
    </message>
    <message>
        <source>on the button: shift</source>
        <translation>在按钮上：切流</translation>
    </message>
    <message>
        <source>Nothing to route</source>
        <translation>没有可路由的内容</translation>
    </message>
    <message>
        <source>No application here has two tracks behind a Service, an HTTPRoute or a VirtualService.</source>
        <translation>这里没有应用在 Service、HTTPRoute 或 VirtualService 之后具有两个轨道。</translation>
    </message>
    <message>
        <source>No application chosen</source>
        <translation>没有选择应用</translation>
    </message>
    <message>
        <source>Choose one above.</source>
        <translation>请在上方选择。</translation>
    </message>
    <message>
        <source>The split could not be read</source>
        <translation>无法读取流量分配</translation>
    </message>
    <message>
        <source>All to %1</source>
        <translation>全部到 %1</translation>
    </message>
    <message>
        <source>stays</source>
        <translation>稳定</translation>
    </message>
    <message>
        <source>candidate</source>
        <translation>候选</translation>
    </message>
    <message>
        <source>This router moves all traffic or none.</source>
        <translation>此路由要么切换全部流量，要么不切换。</translation>
    </message>
    <message>
        <source>Start the steps</source>
        <translation>开始分步切换</translation>
    </message>
    <message>
        <source>Shift to %1 %</source>
        <translation>切换到 %1 %</translation>
    </message>
    <message>
        <source>Nothing can be moved now</source>
        <translation>目前无法切换</translation>
    </message>
    <message>
        <source>The split could not be read: above it says why. It is read again by itself.</source>
        <translation>无法读取流量分配：原因见上方。会自动重新读取。</translation>
    </message>
    <message>
        <source>Nothing to move</source>
        <translation>没有可切换的内容</translation>
    </message>
    <message>
        <source>Choose an application with two tracks above.</source>
        <translation>请在上方选择有两个轨道的应用。</translation>
    </message>
    <message>
        <source>No step is left</source>
        <translation>没有剩余步骤</translation>
    </message>
    <message>
        <source>Write stages above that take more than the %1 % of now.</source>
        <translation>请在上方填写大于当前 %1 % 的阶段。</translation>
    </message>
    <message>
        <source>%1 has %2 % of live traffic</source>
        <translation>%1 占线上流量 %2 %</translation>
    </message>
    <message>
        <source>Drag the bar, or choose another share: what will be sent is shown above.</source>
        <translation>拖动条形或选择其他占比：将要发送的内容会显示在上方。</translation>
    </message>
    <message>
        <source>First: %1</source>
        <translation>先执行：%1</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>No checks</source>
        <translation>没有检查项</translation>
    </message>
    <message>
        <source>They come with the plan.</source>
        <translation>随计划一起生成。</translation>
    </message>
    <message>
        <source>Choose another share than the one that is live.</source>
        <translation>请选择与当前不同的占比。</translation>
    </message>
    <message>
        <source>No plan could be made: below it says why.</source>
        <translation>无法生成计划：原因见下方。</translation>
    </message>
    <message>
        <source>Without the split of now there is no plan.</source>
        <translation>没有当前的流量分配就没有计划。</translation>
    </message>
    <message>
        <source>No change</source>
        <translation>没有变更</translation>
    </message>
    <message>
        <source>All steps were sent.</source>
        <translation>所有步骤均已发送。</translation>
    </message>
    <message>
        <source>How live traffic is divided is not yours to see</source>
        <translation>线上流量如何分配，你无权查看</translation>
    </message>
    <message>
        <source>It goes to the pods of several tracks at once, and you may not list pods.</source>
        <translation>流量同时进入多个轨道的 Pod，而你无权列出 Pod。</translation>
    </message>
    <message>
        <source>%1, rule %2</source>
        <translation>%1，规则 %2</translation>
    </message>
    <message>
        <source>share and wait, as in %1</source>
        <translation>占比与等待时间，例如 %1</translation>
    </message>
    <message>
        <source>Checks at %1</source>
        <translation>%1 时的检查项</translation>
    </message>
    <message>
        <source>Last change</source>
        <translation>上次变更</translation>
    </message>
    <message>
        <source>what was sent</source>
        <translation>已发送的内容</translation>
    </message>
    <message>
        <source>Nothing was sent.</source>
        <translation>没有发送任何内容。</translation>
    </message>
    <message>
        <source>by pods</source>
        <translation>按 Pod 数</translation>
    </message>
    <message>
        <source>by weight</source>
        <translation>按权重</translation>
    </message>
    <message>
        <source>Nothing to route was known</source>
        <translation>此前未发现可路由的内容</translation>
    </message>
    <message>
        <source>A cluster is not heard any more: what came since then is not known.</source>
        <translation>某个集群已无响应：此后的变化尚不清楚。</translation>
    </message>
</context>
<context>
    <name>signalbox::VotesList</name>
    <message>
        <source>approved</source>
        <translation>已批准</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>已驳回</translation>
    </message>
    <message>
        <source>does not count: %1</source>
        <translation>不算数：%1</translation>
    </message>
    <message>
        <source>counts until %1</source>
        <translation>有效至 %1</translation>
    </message>
    <message>
        <source>Votes</source>
        <translation>表决</translation>
    </message>
    <message>
        <source>%1 acts alone: %2</source>
        <translation>%1 单独行动：%2</translation>
    </message>
    <message>
        <source>%1 carries it out</source>
        <translation>%1 正在执行</translation>
    </message>
    <message>
        <source>Nobody has voted, and nobody is asked to.</source>
        <translation>没有人表决，也无需任何人表决。</translation>
    </message>
    <message>
        <source>%1 carried it out</source>
        <translation>%1 执行了它</translation>
    </message>
</context>
<context>
    <name>signalbox::Welcome</name>
    <message>
        <source>Open a kubeconfig file...</source>
        <translation>打开 kubeconfig 文件…</translation>
    </message>
    <message>
        <source>&lt;b&gt;No cluster at hand?&lt;/b&gt;&lt;br&gt;The practice world runs inside the program: nine AI services in three environments, real protocols, and releases to shift and roll back. No cluster of yours is touched.</source>
        <translation>&lt;b&gt;手边没有集群？&lt;/b&gt;&lt;br&gt;练习世界运行在程序内部：三个环境中的九个 AI 服务，真实的协议，以及可切流和回滚的版本。不会触及你的任何集群。</translation>
    </message>
    <message>
        <source>Open the practice world</source>
        <translation>打开练习世界</translation>
    </message>
    <message>
        <source>In a window of its own, as signalbox-console --demo does</source>
        <translation>在独立窗口中打开，等同于 signalbox-console --demo</translation>
    </message>
    <message>
        <source>Welcome to Signalbox</source>
        <translation>欢迎使用 Signalbox</translation>
    </message>
    <message>
        <source>Every application in every environment of your clusters: see it, move its traffic, take it back. Signalbox uses your own kubeconfig and acts with your own rights; nothing is installed in the cluster.</source>
        <translation>集群中所有环境的所有应用：查看、切流、回退。Signalbox 使用你自己的 kubeconfig，以你自己的权限操作；不会在集群中安装任何东西。</translation>
    </message>
    <message>
        <source>Somewhere else?</source>
        <translation>在别处？</translation>
    </message>
    <message>
        <source>Open a workspace...</source>
        <translation>打开工作区…</translation>
    </message>
    <message>
        <source>A file that names clusters, metric sources and preferences for a whole team</source>
        <translation>为整个团队指定集群、指标来源和首选项的文件</translation>
    </message>
    <message>
        <source>First start</source>
        <translation>首次启动</translation>
    </message>
    <message>
        <source>Nothing is open yet, or no cluster that is open could be read. Here stand the clusters that the kubeconfig of this machine names, each tested with your own credentials: choose those that you want, and add them. Another kubeconfig or a team&apos;s workspace can be opened, and the practice world needs no cluster at all. A test reads only; nothing is installed or changed in a cluster.</source>
        <translation>尚未打开任何集群，或已打开的集群都无法读取。这里列出本机 kubeconfig 中的集群，并用你自己的凭据逐一测试：选择需要的并添加。也可以打开其他 kubeconfig 或团队的工作区；练习世界则不需要任何集群。测试只读取，不会在集群中安装或更改任何内容。</translation>
    </message>
    <message>
        <source>Not tested. Where a test would run a program for its credentials, it waits until you choose it.</source>
        <translation>未测试。若测试需要运行程序来获取凭据，则等你选择后才测试。</translation>
    </message>
    <message>
        <source>Being tested: the line says which step.</source>
        <translation>正在测试：该行说明进行到哪一步。</translation>
    </message>
    <message>
        <source>Reachable, and it lets you read: it can be added.</source>
        <translation>可连接，且允许你读取：可以添加。</translation>
    </message>
    <message>
        <source>It works with a reservation, or its certificate is not verified, so that only your choice sends credentials there.</source>
        <translation>可用但有保留，或其证书未经验证，因此只有你选择后才会向其发送凭据。</translation>
    </message>
    <message>
        <source>It cannot be used: the sentence says what is wrong, and what to do. Choosing it tests it again.</source>
        <translation>无法使用：该行说明问题所在以及该怎么做。选择它会重新测试。</translation>
    </message>
    <message>
        <source>Tab</source>
        <translation>Tab</translation>
    </message>
    <message>
        <source>To the next cluster or button</source>
        <translation>到下一个集群或按钮</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>空格</translation>
    </message>
    <message>
        <source>Choose a cluster, or press the button</source>
        <translation>选择集群，或按下按钮</translation>
    </message>
</context>
<context>
    <name>signalbox::WorkloadsModel</name>
    <message>
        <source>rev %1</source>
        <translation>rev %1</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Namespace</source>
        <translation>命名空间</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Managed by</source>
        <translation>管理者</translation>
    </message>
    <message>
        <source>rolled out</source>
        <translation>发布完成</translation>
    </message>
</context>
<context>
    <name>signalbox::WorkspaceConnections</name>
    <message>
        <source>%1 could not be read, so nothing is written to it. Mend it first, then try again.</source>
        <translation>%1 无法读取，因此没有写入任何内容。请先修复它，然后重试。</translation>
    </message>
    <message>
        <source>The cluster &quot;%1&quot; is not in any of the files.</source>
        <translation>集群“%1”不在任何文件中。</translation>
    </message>
    <message>
        <source>There is no connection &quot;%1&quot; any more; somebody removed it already.</source>
        <translation>连接“%1”已不存在；已被他人移除。</translation>
    </message>
    <message>
        <source>%1 was read again meanwhile. Nothing was written: look at what it says now and do yours again.</source>
        <translation>%1 在此期间被重新读取。没有写入任何内容：请查看其当前内容，然后重新修改。</translation>
    </message>
    <message>
        <source>&quot;%1&quot; stays: saved queries belong to it (%2). Remove them under Metrics first, then it.</source>
        <translation>“%1”保留：有已保存的查询属于它（%2）。请先在“指标”中移除这些查询，再移除它。</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>Choose those you want below.</source>
        <translation>请在下方选择你需要的。</translation>
    </message>
    <message>
        <source>&quot;%1&quot; stays: &quot;%2&quot; is under way on it. Wait until it has ended, or stop it, then remove the connection.</source>
        <translation>“%1”保留：“%2”正在其上进行。请等待其结束或将其停止，然后再移除该连接。</translation>
    </message>
    <message>
        <source>Connections are not looked for while &quot;%1&quot; is under way on %2. Look again when it has ended.</source>
        <translation>“%1”正在 %2 上进行时不查找连接。请在其结束后重新查找。</translation>
    </message>
</context>
<context>
    <name>signalbox::drills::PracticeDrills</name>
    <message>
        <source>There is no drill &quot;%1&quot;.</source>
        <translation>没有演练“%1”。</translation>
    </message>
    <message>
        <source>A drill is under way. Finish or abandon it first.</source>
        <translation>有演练正在进行。请先完成或放弃它。</translation>
    </message>
    <message>
        <source>Preparing %1</source>
        <translation>正在准备 %1</translation>
    </message>
    <message>
        <source>The practice world could not be made ready for the drill within %1 minutes: %2. Open a new practice world.</source>
        <translation>练习世界未能在 %1 分钟内为演练准备好：%2。请打开新的练习世界。</translation>
    </message>
</context>
<context>
    <name>signalbox::git</name>
    <message>
        <source>The repository %1 cannot be opened</source>
        <translation>代码仓库 %1 无法打开</translation>
    </message>
    <message>
        <source>The repository %1 cannot be read</source>
        <translation>代码仓库 %1 无法读取</translation>
    </message>
    <message>
        <source>The repository %1 cannot be written</source>
        <translation>代码仓库 %1 无法写入</translation>
    </message>
    <message>
        <source>The repository %1 did not take the new commit</source>
        <translation>代码仓库 %1 没有接受新的提交</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <source>The host key of %2 is not the one that ssh knows for it: the machine was set up anew, or another one answers in its place. Ask its administrator; if the new key is right, remove the old one with &quot;ssh-keygen -R %2&quot;.</source>
        <translation>%2 的主机密钥与 ssh 所知的不符：该机器已重新安装，或有另一台机器在其位置响应。请询问其管理员；如果新密钥无误，请用“ssh-keygen -R %2”移除旧密钥。</translation>
    </message>
    <message>
        <source>ssh does not know the host key of %2 and asks nobody here. Run &quot;ssh %2&quot; once in a terminal, compare the key with what its administrator says, and accept it.</source>
        <translation>ssh 不认识 %2 的主机密钥，且此处无人可问。请在终端中运行一次“ssh %2”，将密钥与其管理员所说的核对后接受。</translation>
    </message>
    <message>
        <source>%2 accepts none of the keys ssh has for %1. Load the right one into the agent (&quot;ssh-add -l&quot; lists them), or name it in ~/.ssh/config.</source>
        <translation>%2 不接受 ssh 为 %1 持有的任何密钥。请将正确的密钥载入 ssh-agent（“ssh-add -l”可列出其中的密钥），或在 ~/.ssh/config 中指定。</translation>
    </message>
    <message>
        <source>There is no host of the name %2, as ssh finds it. Check %1.</source>
        <translation>ssh 找不到名为 %2 的主机。请检查 %1。</translation>
    </message>
    <message>
        <source>%2 refuses connections of ssh. Check host and port of %1.</source>
        <translation>%2 拒绝 ssh 连接。请检查 %1 的主机和端口。</translation>
    </message>
    <message>
        <source>%2 gave ssh no answer in time. Check the network and %1.</source>
        <translation>%2 没有及时响应 ssh。请检查网络和 %1。</translation>
    </message>
    <message>
        <source>There is no way to %2 from here. Check the network and %1.</source>
        <translation>从这里无法到达 %2。请检查网络和 %1。</translation>
    </message>
    <message>
        <source>There is no repository at %1. Check the path.</source>
        <translation>%1 处没有代码仓库。请检查路径。</translation>
    </message>
    <message>
        <source>There is no repository %1, or this user may not see it.</source>
        <translation>没有代码仓库 %1，或此用户无权查看。</translation>
    </message>
    <message>
        <source>%2 does not let this user do that with %1.</source>
        <translation>%2 不允许此用户对 %1 这样做。</translation>
    </message>
    <message>
        <source>There is no git on %2, so it cannot serve %1.</source>
        <translation>%2 上没有 git，因此无法提供 %1。</translation>
    </message>
    <message>
        <source>The repository %1 has no commit called &quot;%2&quot;.</source>
        <translation>代码仓库 %1 没有名为“%2”的提交。</translation>
    </message>
</context>
<context>
    <name>signalbox::kubernetes::KubernetesCluster</name>
    <message>
        <source>%1 has not answered for %2 s.</source>
        <translation>%1 已有 %2 秒没有响应。</translation>
    </message>
    <message>
        <source>Rights cannot be asked on this connection.</source>
        <translation>无法在此连接上查询权限。</translation>
    </message>
    <message>
        <source>The server could not say which kinds it has: %1</source>
        <translation>服务器无法说明它有哪些资源类型：%1</translation>
    </message>
</context>
<context>
    <name>signalbox::kubernetes::KubernetesTraffic</name>
    <message>
        <source>Traffic cannot be steered here through %1.</source>
        <translation>此处无法通过 %1 控制流量。</translation>
    </message>
    <message>
        <source>%1 was deleted and made again since it was shown: look at the new one first.</source>
        <translation>%1 在显示之后被删除并重建：请先查看新的对象。</translation>
    </message>
</context>
<context>
    <name>signalbox::kubernetes::Reflector</name>
    <message>
        <source>The watch of %1 was not answered in %2 s.</source>
        <translation>%1 的监视在 %2 秒内没有得到响应。</translation>
    </message>
    <message>
        <source>The server ends every watch of %1 at once.</source>
        <translation>服务器总是立即结束对 %1 的监视。</translation>
    </message>
    <message>
        <source>The watch of %1 has told nothing for %2 s.</source>
        <translation>对 %1 的监视已有 %2 秒没有任何消息。</translation>
    </message>
</context>
<context>
    <name>signalbox::oci::Tokens</name>
    <message>
        <source>The registry %1 asks for a user and a password, and the workspace names none. Name them under &quot;auth&quot; of the registry.</source>
        <translation>镜像仓库 %1 要求用户名和密码，而工作区没有列出。请在该镜像仓库的“auth”下写明。</translation>
    </message>
    <message>
        <source>The registry %1 asks for a kind of credential that is not known here; Basic and Bearer are.</source>
        <translation>镜像仓库 %1 要求的凭据类型在此未知；支持 Basic 和 Bearer。</translation>
    </message>
    <message>
        <source>The registry %1 sends for a token to an address that is not used: https was expected.</source>
        <translation>镜像仓库 %1 让人去取令牌的地址不予使用：应为 https。</translation>
    </message>
    <message>
        <source>%1 gives no token for %2 without a password, and the workspace&apos;s password is not shown to it. If it is to be trusted, name it as &quot;tokenServer&quot; of the registry %3.</source>
        <translation>%1 不凭密码就不给 %2 的令牌，而工作区的密码不会出示给它。如果它可信，请把它写为镜像仓库 %3 的“tokenServer”。</translation>
    </message>
    <message>
        <source>%1 gives no token for %2 without a password. Name one under &quot;auth&quot; of the registry %3.</source>
        <translation>%1 不凭密码就不给 %2 的令牌。请在镜像仓库 %3 的“auth”下写明密码。</translation>
    </message>
    <message>
        <source>%1 refused the user name or password for %2. Check &quot;auth&quot; of the registry %3.</source>
        <translation>%1 拒绝了用于 %2 的用户名或密码。请检查镜像仓库 %3 的“auth”。</translation>
    </message>
    <message>
        <source>%1 gave no token for %2: HTTP status %3.</source>
        <translation>%1 没有给出 %2 的令牌：HTTP 状态 %3。</translation>
    </message>
</context>
</TS>
