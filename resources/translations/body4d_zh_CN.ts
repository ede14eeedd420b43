<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>QAbstractSpinBox</name>
    <message>
        <source>&amp;Select All</source>
        <translation>全选(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Step up</source>
        <translation>增加(&amp;S)</translation>
    </message>
    <message>
        <source>Step &amp;down</source>
        <translation>减少(&amp;D)</translation>
    </message>
</context>
<context>
    <name>QCheckBox</name>
    <message>
        <source>On</source>
        <translation>开</translation>
    </message>
</context>
<context>
    <name>QComboBox</name>
    <message>
        <source>glTF: y up</source>
        <translation>glTF：y 轴向上</translation>
    </message>
    <message>
        <source>OpenCV: y down</source>
        <translation>OpenCV：y 轴向下</translation>
    </message>
    <message>
        <source>Blender: z up</source>
        <translation>Blender：z 轴向上</translation>
    </message>
    <message>
        <source>The body&apos;s own bones</source>
        <translation>人体模型自带骨骼</translation>
    </message>
    <message>
        <source>Mixamo names</source>
        <translation>Mixamo 命名</translation>
    </message>
    <message>
        <source>Skeleton and skin</source>
        <translation>骨架与蒙皮</translation>
    </message>
    <message>
        <source>Exact, every frame</source>
        <translation>精确，逐帧</translation>
    </message>
    <message>
        <source>As given</source>
        <translation>按给定值</translation>
    </message>
    <message>
        <source>MoGe-2</source>
        <translation>MoGe-2</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>Static</source>
        <translation>静止</translation>
    </message>
    <message>
        <source>Moving</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>World</source>
        <translation>世界</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
</context>
<context>
    <name>QDockWidget</name>
    <message>
        <source>Closes the dock widget</source>
        <translation>关闭此面板</translation>
    </message>
    <message>
        <source>Undocks and re-attaches the dock widget</source>
        <translation>分离或重新停靠此面板</translation>
    </message>
    <message>
        <source>Close</source>
        <comment>Accessible name for button closing a dock widget</comment>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Float</source>
        <comment>Accessible name for button undocking a dock widget (floating state)</comment>
        <translation>浮动</translation>
    </message>
</context>
<context>
    <name>QKeySequenceEdit</name>
    <message>
        <source>Press shortcut</source>
        <translation>按下快捷键</translation>
    </message>
</context>
<context>
    <name>QLineEdit</name>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>Cu&amp;t</source>
        <translation>剪切(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>复制(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Paste</source>
        <translation>粘贴(&amp;P)</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Select All</source>
        <translation>全选</translation>
    </message>
</context>
<context>
    <name>QObject</name>
    <message>
        <source>scale from bodies ± %1 %</source>
        <translation>由人体得到的尺度 ± %1%</translation>
    </message>
    <message>
        <source>no scale: no body is seen in it</source>
        <translation>无尺度：其中看不到人体</translation>
    </message>
    <message>
        <source>place: %1</source>
        <translation>环境：%1</translation>
    </message>
    <message>
        <source>%1: %L2 points, %L3 triangles, %4 × %5 × %6 m</source>
        <translation>%1：%L2 个点，%L3 个三角形，%4 × %5 × %6 m</translation>
    </message>
    <message numerus="yes">
        <source>, %n cameras</source>
        <translation>
            <numerusform>，%n 个相机</numerusform>
        </translation>
    </message>
    <message>
        <source>, %1 s of motion</source>
        <translation>，%1 秒动作</translation>
    </message>
    <message numerus="yes">
        <source>, %n frames</source>
        <translation>
            <numerusform>，%n 帧</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>QPlatformTheme</name>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save All</source>
        <translation>全部保存</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>&amp;Yes</source>
        <translation>是(&amp;Y)</translation>
    </message>
    <message>
        <source>&amp;No</source>
        <translation>否(&amp;N)</translation>
    </message>
    <message>
        <source>Abort</source>
        <translation>中止</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Ignore</source>
        <translation>忽略</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>放弃</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>重置</translation>
    </message>
</context>
<context>
    <name>QShortcut</name>
    <message>
        <source>Ctrl</source>
        <translation>Ctrl</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>Shift</translation>
    </message>
    <message>
        <source>Alt</source>
        <translation>Alt</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>空格</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Tab</source>
        <translation>Tab</translation>
    </message>
    <message>
        <source>Backspace</source>
        <translation>Backspace</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>回车</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Ins</source>
        <translation>Insert</translation>
    </message>
    <message>
        <source>Del</source>
        <translation>Delete</translation>
    </message>
    <message>
        <source>Home</source>
        <translation>Home</translation>
    </message>
    <message>
        <source>End</source>
        <translation>End</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>左</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>右</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>下</translation>
    </message>
    <message>
        <source>PgUp</source>
        <translation>PgUp</translation>
    </message>
    <message>
        <source>PgDown</source>
        <translation>PgDown</translation>
    </message>
</context>
<context>
    <name>QWidgetTextControl</name>
    <message>
        <source>&amp;Copy</source>
        <translation>复制(&amp;C)</translation>
    </message>
    <message>
        <source>Copy &amp;Link Location</source>
        <translation>复制链接地址(&amp;L)</translation>
    </message>
    <message>
        <source>Select All</source>
        <translation>全选</translation>
    </message>
</context>
<context>
    <name>body4d::ui::AxisGizmo</name>
    <message>
        <source>View direction</source>
        <translation>视角方向</translation>
    </message>
    <message>
        <source>Click an axis to look along it
Front 1 · Right 3 · Top 7 on the number pad</source>
        <translation>点击坐标轴即沿该轴观察
小键盘：前 1 · 右 3 · 上 7</translation>
    </message>
</context>
<context>
    <name>body4d::ui::CameraDialog</name>
    <message>
        <source>%1 × %2, %3 fps</source>
        <translation>%1 × %2，%3 fps</translation>
    </message>
    <message>
        <source>Record with a camera</source>
        <translation>用相机录制</translation>
    </message>
    <message>
        <source>Open it</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Looking for cameras …</source>
        <translation>正在查找相机 …</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Size and rate</source>
        <translation>尺寸和帧率</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>镜像</translation>
    </message>
    <message>
        <source>Shows you as in a mirror; the recording stays as the camera sees it</source>
        <translation>像镜子一样显示；录制内容仍为相机所见</translation>
    </message>
    <message>
        <source>Find people</source>
        <translation>查找人物</translation>
    </message>
    <message>
        <source>Shows who is found in the picture, so that you see whether everybody is in it; rests while it records</source>
        <translation>显示画面中找到的人物，以便确认所有人都在其中；录制时暂停</translation>
    </message>
    <message>
        <source>Other folder…</source>
        <translation>其他文件夹…</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>录制</translation>
    </message>
    <message>
        <source>Space begins and ends a recording; it then opens as the video</source>
        <translation>空格键开始和结束录制；之后会作为视频打开</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>A recording was cut off when the program ended: %1</source>
        <translation>程序结束时有一段录制被中断：%1</translation>
    </message>
    <message>
        <source>No camera</source>
        <translation>没有相机</translation>
    </message>
    <message>
        <source>Opening %1 …</source>
        <translation>正在打开 %1 …</translation>
    </message>
    <message>
        <source>The camera&apos;s own size</source>
        <translation>相机自身尺寸</translation>
    </message>
    <message numerus="yes">
        <source>%1   %n frames   %2</source>
        <translation>
            <numerusform>%1   %n 帧   %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n frames dropped: choose a smaller size or a faster disk.</source>
        <translation>
            <numerusform>丢失 %n 帧：请选择较小的尺寸或更快的磁盘。</numerusform>
        </translation>
    </message>
    <message>
        <source>Starting …</source>
        <translation>正在开始 …</translation>
    </message>
    <message>
        <source>Finishing the recording …</source>
        <translation>正在完成录制 …</translation>
    </message>
    <message>
        <source>%1 × %2 at %3 fps</source>
        <translation>%1 × %2，%3 fps</translation>
    </message>
    <message>
        <source>%1 × %2</source>
        <translation>%1 × %2</translation>
    </message>
    <message>
        <source>people in sight: %1</source>
        <translation>画面中的人物：%1</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message numerus="yes">
        <source>%n frames were dropped.</source>
        <translation>
            <numerusform>丢失了 %n 帧。</numerusform>
        </translation>
    </message>
    <message>
        <source>Folder for recordings</source>
        <translation>录制文件夹</translation>
    </message>
    <message>
        <source>Saved in %1, pictures without sound</source>
        <translation>保存在 %1，画面无声音</translation>
    </message>
</context>
<context>
    <name>body4d::ui::CameraView</name>
    <message>
        <source>Picture of the camera</source>
        <translation>相机画面</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ColourBar</name>
    <message>
        <source>Colour scale</source>
        <translation>色标</translation>
    </message>
    <message>
        <source>Click for another scale</source>
        <translation>点击切换色标</translation>
    </message>
</context>
<context>
    <name>body4d::ui::CommandPalette</name>
    <message>
        <source>Command palette</source>
        <translation>命令面板</translation>
    </message>
    <message>
        <source>Type a command</source>
        <translation>输入命令</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
</context>
<context>
    <name>body4d::ui::EmptyState</name>
    <message>
        <source>Drop a video here to turn the people in it into moving 3D bodies.</source>
        <translation>将视频拖到这里，把其中的人物变成运动的三维人体。</translation>
    </message>
    <message>
        <source>Open a video…</source>
        <translation>打开视频…</translation>
    </message>
    <message>
        <source>or try the sample clip</source>
        <translation>或试用示例片段</translation>
    </message>
    <message>
        <source>Everything happens on this machine. MP4, MOV, MKV, AVI, WebM, image folders and projects open.</source>
        <translation>一切都在本机上完成。可打开 MP4、MOV、MKV、AVI、WebM、图像文件夹和项目。</translation>
    </message>
    <message>
        <source>Open a video</source>
        <translation>打开视频</translation>
    </message>
    <message>
        <source>Click a person</source>
        <translation>点击人物</translation>
    </message>
    <message>
        <source>Run (F5)</source>
        <translation>运行 (F5)</translation>
    </message>
    <message>
        <source>Open %1</source>
        <translation>打开 %1</translation>
    </message>
    <message>
        <source>%1 (not there now)</source>
        <translation>%1（当前不存在）</translation>
    </message>
    <message>
        <source>Kept on top</source>
        <translation>已置顶</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>取消置顶</translation>
    </message>
    <message>
        <source>Keep on top</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>移除记录</translation>
    </message>
    <message>
        <source>or record with a camera</source>
        <translation>或用相机录制</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ErrorBar</name>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>Details of the problem</source>
        <translation>问题详情</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>复制报告</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ExportDialog</name>
    <message>
        <source>Game, web</source>
        <translation>游戏、网页</translation>
    </message>
    <message>
        <source>One GLB: everybody with skeleton and skin, opens everywhere</source>
        <translation>单个 GLB：所有人物含骨架与蒙皮，随处可打开</translation>
    </message>
    <message>
        <source>Exact</source>
        <translation>精确</translation>
    </message>
    <message>
        <source>GLB with the exact mesh of every frame: no error, large</source>
        <translation>含每帧精确网格的 GLB：无误差，文件大</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>A mesh file for every person and frame</source>
        <translation>每个人物每一帧一个网格文件</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Parameters, joints, tables and masks for scripts</source>
        <translation>供脚本使用的参数、关节点、表格和掩码</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>动作</translation>
    </message>
    <message>
        <source>The moving skeleton for animation tools</source>
        <translation>供动画软件使用的运动骨架</translation>
    </message>
    <message>
        <source>Watch</source>
        <translation>观看</translation>
    </message>
    <message>
        <source>The video with the bodies drawn over it</source>
        <translation>叠加了人体的视频</translation>
    </message>
    <message>
        <source> · off by %1 mm, at most %2 mm</source>
        <translation> · 误差 %1 mm，最大 %2 mm</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Read the files again and compare</source>
        <translation>重新读取文件并比较</translation>
    </message>
    <message>
        <source>Counts, bounds, clip length and the largest distance of a vertex, with code that does not know the writer</source>
        <translation>数量、边界、片段长度和最大顶点距离，由与写入无关的代码检查</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Folder for the exports</source>
        <translation>导出文件夹</translation>
    </message>
    <message>
        <source>Forecast of %1</source>
        <translation>%1 的预估</translation>
    </message>
    <message>
        <source>First frame</source>
        <translation>首帧</translation>
    </message>
    <message>
        <source>Last frame</source>
        <translation>末帧</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Every frame that was processed</source>
        <translation>所有已处理的帧</translation>
    </message>
    <message>
        <source>In – out</source>
        <translation>入点 – 出点</translation>
    </message>
    <message>
        <source>The range of the timeline</source>
        <translation>时间线上的范围</translation>
    </message>
    <message>
        <source>to</source>
        <translation>至</translation>
    </message>
    <message>
        <source>People</source>
        <translation>人物</translation>
    </message>
    <message>
        <source>People to export</source>
        <translation>要导出的人物</translation>
    </message>
    <message>
        <source>Options</source>
        <translation>选项</translation>
    </message>
    <message>
        <source>≈ %1</source>
        <translation>≈ %1</translation>
    </message>
    <message>
        <source>At work or waiting: %1</source>
        <translation>进行中或等待中：%1</translation>
    </message>
    <message>
        <source>Add to the queue</source>
        <translation>加入队列</translation>
    </message>
    <message>
        <source>Together ≈ %1</source>
        <translation>合计 ≈ %1</translation>
    </message>
    <message>
        <source>Choose at least one kind of file.</source>
        <translation>请至少选择一种文件类型。</translation>
    </message>
    <message>
        <source>Choose a folder.</source>
        <translation>请选择文件夹。</translation>
    </message>
    <message>
        <source>Choose at least one person.</source>
        <translation>请至少选择一个人物。</translation>
    </message>
    <message>
        <source>The first frame lies behind the last one.</source>
        <translation>首帧位于末帧之后。</translation>
    </message>
    <message>
        <source>Only %1 are free there.</source>
        <translation>该处仅剩 %1 可用空间。</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ExportReport</name>
    <message>
        <source>What was written</source>
        <translation>写入结果</translation>
    </message>
    <message>
        <source>Every file was read again and compared with the bodies of the project.</source>
        <translation>每个文件都已重新读取，并与项目中的人体进行了比较。</translation>
    </message>
    <message>
        <source>Files that were read again</source>
        <translation>重新读取的文件</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>People</source>
        <translation>人物</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>长度</translation>
    </message>
    <message>
        <source>Vertices</source>
        <translation>顶点</translation>
    </message>
    <message>
        <source>Bounds</source>
        <translation>边界</translation>
    </message>
    <message>
        <source>Off by, at most</source>
        <translation>最大误差</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>%1 × %2 × %3 m</source>
        <translation>%1 × %2 × %3 m</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 mm</source>
        <translation>%1 mm</translation>
    </message>
    <message>
        <source>✓ sound</source>
        <translation>✓ 完好</translation>
    </message>
    <message>
        <source>✗ %1</source>
        <translation>✗ %1</translation>
    </message>
    <message numerus="yes">
        <source>%n files were written and read again: all are sound.</source>
        <translation>
            <numerusform>已写入并重新读取 %n 个文件：全部完好。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n files were written; something is wrong with some.</source>
        <translation>
            <numerusform>已写入 %n 个文件，其中有些存在问题。</numerusform>
        </translation>
    </message>
    <message>
        <source> No vertex is off by more than %1 mm.</source>
        <translation>没有顶点的误差超过 %1 mm。</translation>
    </message>
</context>
<context>
    <name>body4d::ui::GaugePanel</name>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Memory by owner</source>
        <translation>按归属划分的内存</translation>
    </message>
    <message>
        <source>%1 · peak %2 · of %3</source>
        <translation>%1 · 峰值 %2 · 共 %3</translation>
    </message>
    <message>
        <source>Long mark: peak. Amber mark: budget. Small triangles: peaks of stages. Dotted curve: load.</source>
        <translation>长标记：峰值。琥珀色标记：预算。小三角：各阶段峰值。虚线：负载。</translation>
    </message>
    <message>
        <source>free</source>
        <translation>空闲</translation>
    </message>
    <message>
        <source>%1 · load %2 %</source>
        <translation>%1 · 负载 %2%</translation>
    </message>
    <message numerus="yes">
        <source>%1: CPU, %n cores, load %2 %</source>
        <translation>
            <numerusform>%1：CPU，%n 核，负载 %2%</numerusform>
        </translation>
    </message>
    <message>
        <source>No GPU found</source>
        <translation>未找到 GPU</translation>
    </message>
    <message>
        <source>GPU not in use</source>
        <translation>未使用 GPU</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
</context>
<context>
    <name>body4d::ui::GuideDialog</name>
    <message>
        <source>### This machine</source>
        <translation>### 本机</translation>
    </message>
    <message numerus="yes">
        <source>%1, %n cores, %2 of memory. %3</source>
        <translation>
            <numerusform>%1，%n 核，内存 %2。%3</numerusform>
        </translation>
    </message>
    <message>
        <source>No GPU was found.</source>
        <translation>未找到 GPU。</translation>
    </message>
    <message>
        <source>GPU: %1, %2, driver %3.</source>
        <translation>GPU：%1，%2，驱动 %3。</translation>
    </message>
    <message>
        <source>| stage | engine | frames of a person a second | memory at most | runs |</source>
        <translation>| 阶段 | 引擎 | 每秒人物帧数 | 最大内存 | 运行次数 |</translation>
    </message>
    <message>
        <source>| nothing has run here yet |  |  |  |  |</source>
        <translation>| 此处尚未运行过 |  |  |  |  |</translation>
    </message>
    <message>
        <source>### What engines need</source>
        <translation>### 各引擎的需求</translation>
    </message>
    <message>
        <source>| engine | stage | memory | here |</source>
        <translation>| 引擎 | 阶段 | 内存 | 本机 |</translation>
    </message>
    <message>
        <source>fits on the GPU</source>
        <translation>GPU 可容纳</translation>
    </message>
    <message>
        <source>fits in main memory</source>
        <translation>主内存可容纳</translation>
    </message>
    <message>
        <source>more than there is</source>
        <translation>超出现有内存</translation>
    </message>
    <message>
        <source>Guide</source>
        <translation>指南</translation>
    </message>
    <message>
        <source>Find in the guide</source>
        <translation>在指南中查找</translation>
    </message>
    <message>
        <source>Enter goes to the next place</source>
        <translation>按 Enter 跳到下一处</translation>
    </message>
    <message>
        <source>Chapters</source>
        <translation>章节</translation>
    </message>
</context>
<context>
    <name>body4d::ui::LaneView</name>
    <message>
        <source>absent</source>
        <translation>不在画面中</translation>
    </message>
    <message>
        <source>tracked, no body yet</source>
        <translation>已跟踪，尚无人体</translation>
    </message>
    <message>
        <source>tracked and reconstructed</source>
        <translation>已跟踪并重建</translation>
    </message>
    <message>
        <source>hidden</source>
        <translation>被遮挡</translation>
    </message>
    <message>
        <source>completed (a guess)</source>
        <translation>已补全（推测）</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>not processed</source>
        <translation>未处理</translation>
    </message>
    <message>
        <source>uncertain mask</source>
        <translation>掩码不确定</translation>
    </message>
    <message>
        <source>body beside the landmarks</source>
        <translation>人体偏离关键点</translation>
    </message>
    <message>
        <source>body beside the mask</source>
        <translation>人体偏离掩码</translation>
    </message>
    <message>
        <source>limbs change their length</source>
        <translation>肢体长度变化</translation>
    </message>
    <message>
        <source>a planted foot slides</source>
        <translation>着地的脚滑动</translation>
    </message>
    <message>
        <source>a sudden jump</source>
        <translation>突然跳变</translation>
    </message>
    <message>
        <source>a guess</source>
        <translation>推测</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>Lanes of all people; arrow keys step through the frames</source>
        <translation>所有人物的轨道；方向键逐帧移动</translation>
    </message>
    <message>
        <source>The frames of the video and a lane for each person appear here.</source>
        <translation>视频帧和每个人物的轨道会显示在这里。</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>Suspicion</source>
        <translation>可疑度</translation>
    </message>
    <message>
        <source>Frame %1 · %2</source>
        <translation>第 %1 帧 · %2</translation>
    </message>
    <message>
        <source>, outdated by an edit</source>
        <translation>，因编辑而过期</translation>
    </message>
    <message>
        <source>look at it: %1</source>
        <translation>请检查：%1</translation>
    </message>
    <message>
        <source>, clicked here</source>
        <translation>，在此点击过</translation>
    </message>
    <message>
        <source>tracked; the body lies between those of two other frames</source>
        <translation>已跟踪；人体由前后两帧插值得到</translation>
    </message>
</context>
<context>
    <name>body4d::ui::LogPanel</name>
    <message>
        <source>Nothing to report yet.</source>
        <translation>暂无消息。</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Copy the log</source>
        <translation>复制日志</translation>
    </message>
</context>
<context>
    <name>body4d::ui::MainWindow</name>
    <message>
        <source>People</source>
        <translation>人物</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>As it was opened</source>
        <translation>打开时的状态</translation>
    </message>
    <message>
        <source>History of edits</source>
        <translation>编辑历史</translation>
    </message>
    <message>
        <source>Click a line to go back or forth to it</source>
        <translation>点击某行即可回到或前进到该状态</translation>
    </message>
    <message>
        <source>History</source>
        <translation>历史</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>Cursor</source>
        <translation>光标</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>引擎</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Memory in use</source>
        <translation>已用内存</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message numerus="yes">
        <source>CPU, %n cores</source>
        <translation>
            <numerusform>CPU，%n 核</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 cannot be opened here.</source>
        <translation>此处无法打开 %1。</translation>
    </message>
    <message>
        <source>Drop a video, a folder of images, a .body4d project, or something to look at: PLY, GLB, OBJ or npz files, a COLMAP model, results of SAM-Body4D.</source>
        <translation>请拖入视频、图像文件夹、.body4d 项目，或要查看的内容：PLY、GLB、OBJ 或 npz 文件、COLMAP 模型、SAM-Body4D 的结果。</translation>
    </message>
    <message>
        <source>Known: %1</source>
        <translation>支持：%1</translation>
    </message>
    <message>
        <source>A run is under way.</source>
        <translation>正在运行。</translation>
    </message>
    <message>
        <source>Cancel it first; finished frames are kept.</source>
        <translation>请先取消；已完成的帧会保留。</translation>
    </message>
    <message>
        <source>Opening %1 …</source>
        <translation>正在打开 %1 …</translation>
    </message>
    <message>
        <source>Open a video</source>
        <translation>打开视频</translation>
    </message>
    <message>
        <source>Videos and images (%1);;3D files (%2);;All files (*)</source>
        <translation>视频和图像 (%1);;三维文件 (%2);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Open a project or a folder of images</source>
        <translation>打开项目或图像文件夹</translation>
    </message>
    <message>
        <source>Save the project</source>
        <translation>保存项目</translation>
    </message>
    <message>
        <source>Body4D project (*.body4d)</source>
        <translation>Body4D 项目 (*.body4d)</translation>
    </message>
    <message>
        <source>%1 (not there now)</source>
        <translation>%1（当前不存在）</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>暂无</translation>
    </message>
    <message>
        <source>Unpin this one</source>
        <translation>取消置顶此项</translation>
    </message>
    <message>
        <source>Keep this one on top</source>
        <translation>置顶此项</translation>
    </message>
    <message>
        <source>Forget those that are missing</source>
        <translation>移除不存在的记录</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>&amp;Open video…</source>
        <translation>打开视频(&amp;O)…</translation>
    </message>
    <message>
        <source>A video or an image; or drop one on the window</source>
        <translation>视频或图像；也可拖到窗口上</translation>
    </message>
    <message>
        <source>Open project or image &amp;folder…</source>
        <translation>打开项目或图像文件夹(&amp;F)…</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>保存(&amp;S)</translation>
    </message>
    <message>
        <source>Everything is saved as you go; this gives a draft its place</source>
        <translation>一切都会随时保存；此命令为草稿指定位置</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>已保存</translation>
    </message>
    <message>
        <source>Save &amp;as…</source>
        <translation>另存为(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;Close project</source>
        <translation>关闭项目(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Undo %1</source>
        <translation>撤销 %1(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Redo %1</source>
        <translation>重做 %1(&amp;R)</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>Select</source>
        <translation>选择</translation>
    </message>
    <message>
        <source>Click a person to select; drag moves the picture</source>
        <translation>点击选择人物；拖动平移画面</translation>
    </message>
    <message>
        <source>Point</source>
        <translation>点</translation>
    </message>
    <message>
        <source>Left click includes, right click excludes; click a point to remove it</source>
        <translation>左键包含，右键排除；点击已有的点可移除</translation>
    </message>
    <message>
        <source>Box</source>
        <translation>框</translation>
    </message>
    <message>
        <source>Drag a box around a person</source>
        <translation>拖出框住人物的方框</translation>
    </message>
    <message>
        <source>Clicks include</source>
        <translation>点击为包含</translation>
    </message>
    <message>
        <source>Left click adds to the person; with the eraser: the brush</source>
        <translation>左键添加到人物；使用橡皮时切换为画笔</translation>
    </message>
    <message>
        <source>Clicks exclude</source>
        <translation>点击为排除</translation>
    </message>
    <message>
        <source>Left click removes from the person, right click always does; with the brush: the eraser</source>
        <translation>左键从人物中移除，右键始终移除；使用画笔时切换为橡皮</translation>
    </message>
    <message>
        <source>Cross for the keyboard</source>
        <translation>键盘十字光标</translation>
    </message>
    <message>
        <source>Arrows move it, Enter includes, Shift+Enter excludes, Esc leaves</source>
        <translation>方向键移动，Enter 包含，Shift+Enter 排除，Esc 退出</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>The next click starts a new person</source>
        <translation>下一次点击将新建人物</translation>
    </message>
    <message>
        <source>Find all</source>
        <translation>全部查找</translation>
    </message>
    <message>
        <source>Finds everybody on this frame</source>
        <translation>查找此帧上的所有人物</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Delete person</source>
        <translation>删除人物</translation>
    </message>
    <message>
        <source>Remove points of this frame</source>
        <translation>移除此帧的点</translation>
    </message>
    <message>
        <source>Show or hide</source>
        <translation>显示或隐藏</translation>
    </message>
    <message>
        <source>Solo</source>
        <translation>单独显示</translation>
    </message>
    <message>
        <source>Only the selected person is shown</source>
        <translation>只显示选中的人物</translation>
    </message>
    <message>
        <source>Select person %1 of the list</source>
        <translation>选择列表中第 %1 个人物</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Masks</source>
        <translation>掩码</translation>
    </message>
    <message>
        <source>Skeleton</source>
        <translation>骨架</translation>
    </message>
    <message>
        <source>Name tags</source>
        <translation>名称标签</translation>
    </message>
    <message>
        <source>Ground grid</source>
        <translation>地面网格</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Motion trails</source>
        <translation>运动轨迹</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>适合窗口</translation>
    </message>
    <message>
        <source>The whole frame, or the selected body in the 3D view</source>
        <translation>整帧画面，或三维视图中选中的人体</translation>
    </message>
    <message>
        <source>Fit all in both views</source>
        <translation>两个视图均显示全部</translation>
    </message>
    <message>
        <source>Pixel for pixel</source>
        <translation>逐像素显示</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>3D from the front</source>
        <translation>三维：前视</translation>
    </message>
    <message>
        <source>3D from the right</source>
        <translation>三维：右视</translation>
    </message>
    <message>
        <source>3D from above</source>
        <translation>三维：俯视</translation>
    </message>
    <message>
        <source>3D at an angle</source>
        <translation>三维：斜视</translation>
    </message>
    <message>
        <source>3D through the video&apos;s camera</source>
        <translation>三维：视频相机视角</translation>
    </message>
    <message>
        <source>3D without perspective</source>
        <translation>三维：正交投影</translation>
    </message>
    <message>
        <source>View full screen</source>
        <translation>视图全屏</translation>
    </message>
    <message>
        <source>The view with the focus fills the screen</source>
        <translation>具有焦点的视图占满屏幕</translation>
    </message>
    <message>
        <source>Next pane</source>
        <translation>下一个窗格</translation>
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
        <source>Show the log</source>
        <translation>显示日志</translation>
    </message>
    <message>
        <source>Show the history of edits</source>
        <translation>显示编辑历史</translation>
    </message>
    <message>
        <source>Every edit by name; a click goes back to it</source>
        <translation>按名称列出每次编辑；点击即可返回</translation>
    </message>
    <message>
        <source>Screenshot to the clipboard</source>
        <translation>截图到剪贴板</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>Play or pause</source>
        <translation>播放或暂停</translation>
    </message>
    <message>
        <source>One frame back</source>
        <translation>后退一帧</translation>
    </message>
    <message>
        <source>One frame on</source>
        <translation>前进一帧</translation>
    </message>
    <message>
        <source>One second back</source>
        <translation>后退一秒</translation>
    </message>
    <message>
        <source>One second on</source>
        <translation>前进一秒</translation>
    </message>
    <message>
        <source>First frame</source>
        <translation>首帧</translation>
    </message>
    <message>
        <source>Of the range; again: of the video</source>
        <translation>范围的；再按一次：视频的</translation>
    </message>
    <message>
        <source>Last frame</source>
        <translation>末帧</translation>
    </message>
    <message>
        <source>Play backwards, faster with each press</source>
        <translation>倒放，每按一次加快</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Held down, J and L step by one frame</source>
        <translation>按住时，J 和 L 逐帧移动</translation>
    </message>
    <message>
        <source>Play, faster with each press</source>
        <translation>播放，每按一次加快</translation>
    </message>
    <message>
        <source>Loop</source>
        <translation>循环</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>声音</translation>
    </message>
    <message>
        <source>Of the video, while it plays at its own speed</source>
        <translation>视频以原速播放时的声音</translation>
    </message>
    <message>
        <source>Range starts here</source>
        <translation>范围从这里开始</translation>
    </message>
    <message>
        <source>Run, playback and export keep to the range</source>
        <translation>运行、播放和导出都限于此范围</translation>
    </message>
    <message>
        <source>Range ends here</source>
        <translation>范围到这里结束</translation>
    </message>
    <message>
        <source>Whole video</source>
        <translation>整个视频</translation>
    </message>
    <message>
        <source>Zoom the timeline to the range</source>
        <translation>时间线缩放到范围</translation>
    </message>
    <message>
        <source>Again: the whole video; Ctrl+wheel zooms, + and - too while the timeline has the focus</source>
        <translation>再按一次：整个视频；Ctrl+滚轮缩放，时间线具有焦点时 + 和 - 亦可</translation>
    </message>
    <message>
        <source>Go to a frame…</source>
        <translation>跳转到帧…</translation>
    </message>
    <message>
        <source>Next doubtful frame</source>
        <translation>下一个可疑帧</translation>
    </message>
    <message>
        <source>By error, silhouette and guesses</source>
        <translation>依据误差、轮廓和推测</translation>
    </message>
    <message>
        <source>Nothing doubtful found</source>
        <translation>未发现可疑之处</translation>
    </message>
    <message>
        <source>Tracks, fits and completes what is missing or outdated</source>
        <translation>跟踪、拟合并补全缺失或过期的内容</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Finished frames are kept</source>
        <translation>已完成的帧会保留</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Runs just what edits have outdated</source>
        <translation>只运行因编辑而过期的部分</translation>
    </message>
    <message>
        <source>Halve the batch size</source>
        <translation>批大小减半</translation>
    </message>
    <message>
        <source>Completion on or off</source>
        <translation>开启或关闭补全</translation>
    </message>
    <message>
        <source>Turn completion off</source>
        <translation>关闭补全</translation>
    </message>
    <message>
        <source>Run settings</source>
        <translation>运行设置</translation>
    </message>
    <message>
        <source>Copy as command</source>
        <translation>复制为命令</translation>
    </message>
    <message>
        <source>The same run for a terminal</source>
        <translation>可在终端中执行的相同运行</translation>
    </message>
    <message>
        <source>Unload models</source>
        <translation>卸载模型</translation>
    </message>
    <message>
        <source>Gives the memory of networks back; they are loaded again when needed</source>
        <translation>释放网络占用的内存；需要时会重新加载</translation>
    </message>
    <message>
        <source>Unloading models …</source>
        <translation>正在卸载模型 …</translation>
    </message>
    <message>
        <source>Models unloaded: %1 given back</source>
        <translation>模型已卸载：释放了 %1</translation>
    </message>
    <message>
        <source>No models were loaded</source>
        <translation>没有已加载的模型</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
    <message>
        <source>Command palette</source>
        <translation>命令面板</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Guide</source>
        <translation>指南</translation>
    </message>
    <message>
        <source>How to go about things, and what hardware can do</source>
        <translation>操作方法以及硬件性能</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Engines, licences, where files go</source>
        <translation>引擎、许可证以及文件位置</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>最近打开(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>Peop&amp;le</source>
        <translation>人物(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>3D view from</source>
        <translation>三维视角</translation>
    </message>
    <message>
        <source>3D view shows</source>
        <translation>三维视图显示</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Panels</source>
        <translation>面板</translation>
    </message>
    <message>
        <source>&amp;Play</source>
        <translation>播放(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>运行(&amp;R)</translation>
    </message>
    <message>
        <source>E&amp;xport</source>
        <translation>导出(&amp;X)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Select  V</source>
        <translation>选择  V</translation>
    </message>
    <message>
        <source>Point  P</source>
        <translation>点  P</translation>
    </message>
    <message>
        <source>Box  R</source>
        <translation>框  R</translation>
    </message>
    <message>
        <source>Brush  B</source>
        <translation>画笔  B</translation>
    </message>
    <message>
        <source>Eraser</source>
        <translation>橡皮</translation>
    </message>
    <message>
        <source>Find all  A</source>
        <translation>全部查找  A</translation>
    </message>
    <message>
        <source>Run  F5</source>
        <translation>运行  F5</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Ctrl+P</source>
        <translation>Ctrl+P</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>画笔</translation>
    </message>
    <message>
        <source>Paint what belongs to the person; right button erases, Shift+wheel sets the size</source>
        <translation>涂抹属于人物的部分；右键擦除，Shift+滚轮调整大小</translation>
    </message>
    <message>
        <source>Take away what does not belong to the person</source>
        <translation>去掉不属于人物的部分</translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation>减小画笔</translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation>增大画笔</translation>
    </message>
    <message>
        <source>Lock or unlock</source>
        <translation>锁定或解锁</translation>
    </message>
    <message>
        <source>A locked person cannot be changed by mistake</source>
        <translation>锁定的人物不会被误改</translation>
    </message>
    <message>
        <source>Split here</source>
        <translation>在此拆分</translation>
    </message>
    <message>
        <source>From this frame on it is somebody else: a new person with a lane of its own</source>
        <translation>从此帧起是另一个人：新建人物并拥有自己的轨道</translation>
    </message>
    <message>
        <source>Nothing to split before the first frame</source>
        <translation>首帧之前没有可拆分的内容</translation>
    </message>
    <message>
        <source>Swap from here with the other person</source>
        <translation>从此处起与另一人物互换</translation>
    </message>
    <message>
        <source>From this frame on the two exchange who is who</source>
        <translation>从此帧起两者身份互换</translation>
    </message>
    <message>
        <source>Swap from frame %1 with</source>
        <translation>从第 %1 帧起互换：</translation>
    </message>
    <message>
        <source>Merge with the other person</source>
        <translation>与另一人物合并</translation>
    </message>
    <message>
        <source>Two lanes are one person: the other one&apos;s prompts come to the selected one</source>
        <translation>两条轨道是同一人：另一人物的提示并入选中的人物</translation>
    </message>
    <message>
        <source>Merge with</source>
        <translation>合并：</translation>
    </message>
    <message>
        <source>Not in the picture from here on</source>
        <translation>从此处起不在画面中</translation>
    </message>
    <message>
        <source>Until the next frame with a prompt, or the end</source>
        <translation>直到下一个有提示的帧或结尾</translation>
    </message>
    <message>
        <source>In the picture again</source>
        <translation>重新出现在画面中</translation>
    </message>
    <message>
        <source>Takes back “not in the picture” around this frame</source>
        <translation>撤回此帧附近的“不在画面中”</translation>
    </message>
    <message>
        <source>Accept completed frames</source>
        <translation>接受补全的帧</translation>
    </message>
    <message>
        <source>The guessed stretch around the cursor is good; it is no longer called doubtful</source>
        <translation>光标附近推测的片段是好的，不再视为可疑</translation>
    </message>
    <message>
        <source>Reject completed frames</source>
        <translation>拒绝补全的帧</translation>
    </message>
    <message>
        <source>The guessed stretch around the cursor is wrong: shown and exported as hidden</source>
        <translation>光标附近推测的片段有误：按遮挡显示和导出</translation>
    </message>
    <message>
        <source>Take the verdict back</source>
        <translation>撤回判定</translation>
    </message>
    <message>
        <source>Import masks from a &amp;file…</source>
        <translation>从文件导入掩码(&amp;I)…</translation>
    </message>
    <message>
        <source>COCO</source>
        <translation>COCO</translation>
    </message>
    <message>
        <source>Import masks</source>
        <translation>导入掩码</translation>
    </message>
    <message>
        <source>COCO annotations (*.json)</source>
        <translation>COCO 标注 (*.json)</translation>
    </message>
    <message>
        <source>Import masks from a f&amp;older…</source>
        <translation>从文件夹导入掩码(&amp;D)…</translation>
    </message>
    <message>
        <source>PNG files named by frame number: black and white, or object numbers as SAM-Body4D writes them</source>
        <translation>以帧号命名的 PNG 文件：黑白，或 SAM-Body4D 写出的对象编号</translation>
    </message>
    <message>
        <source>%1 is locked</source>
        <translation>%1 已锁定</translation>
    </message>
    <message>
        <source>There is no other person</source>
        <translation>没有其他人物</translation>
    </message>
    <message>
        <source>Both people must be seen on this frame to swap them.</source>
        <translation>要互换，两个人物都必须出现在此帧中。</translation>
    </message>
    <message>
        <source>Go to a frame where both have a mask, right after the mix-up.</source>
        <translation>请跳到混淆之后两者都有掩码的帧。</translation>
    </message>
    <message>
        <source>This frame is not a guess</source>
        <translation>此帧不是推测</translation>
    </message>
    <message>
        <source>Reading masks</source>
        <translation>正在读取掩码</translation>
    </message>
    <message numerus="yes">
        <source>%n people imported</source>
        <translation>
            <numerusform>已导入 %n 个人物</numerusform>
        </translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>GLB, PLY, npz, overlay video and more</source>
        <translation>GLB、PLY、npz、叠加视频等</translation>
    </message>
    <message>
        <source>Show what was found in the files</source>
        <translation>显示文件检查结果</translation>
    </message>
    <message>
        <source>Counts, bounds, length and differences of the last export, read again</source>
        <translation>重新读取的上次导出的数量、边界、长度和差异</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Of the last export</source>
        <translation>上次导出的</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>导出 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n files were written.</source>
        <translation>
            <numerusform>已写入 %n 个文件。</numerusform>
        </translation>
    </message>
    <message>
        <source>Reconstruct the place</source>
        <translation>重建环境</translation>
    </message>
    <message>
        <source>Cameras and points of what stands around the people; Run does it last, too</source>
        <translation>人物周围环境的相机和点云；“运行”最后也会执行</translation>
    </message>
    <message>
        <source>Weights of the place…</source>
        <translation>环境权重…</translation>
    </message>
    <message>
        <source>A file of your own for Depth Anything 3 or VGGT; every tensor is checked before it is used</source>
        <translation>您自己的 Depth Anything 3 或 VGGT 文件；使用前会检查每个张量</translation>
    </message>
    <message>
        <source>Weights of the place from the models folder</source>
        <translation>使用模型文件夹中的环境权重</translation>
    </message>
    <message>
        <source>What the models dialog lists, instead of a file of your own</source>
        <translation>使用模型对话框中列出的，而不是您自己的文件</translation>
    </message>
    <message>
        <source>3D view</source>
        <translation>三维视图</translation>
    </message>
    <message>
        <source>Points of the place</source>
        <translation>环境点云</translation>
    </message>
    <message>
        <source>What the scene stage has reconstructed; its cameras carry the bodies</source>
        <translation>场景阶段重建的内容；人体由其相机定位</translation>
    </message>
    <message>
        <source>No engine is chosen for the place.</source>
        <translation>尚未为环境选择引擎。</translation>
    </message>
    <message>
        <source>Choose one under Scene in the run panel; the models dialog says what to add.</source>
        <translation>请在运行面板的“场景”下选择；模型对话框会说明需要添加什么。</translation>
    </message>
    <message>
        <source>Scene</source>
        <translation>场景</translation>
    </message>
    <message>
        <source>Weights of the place</source>
        <translation>环境权重</translation>
    </message>
    <message>
        <source>Weights (*.safetensors *.pt *.pth *.ckpt *.bin);;All files (*)</source>
        <translation>权重 (*.safetensors *.pt *.pth *.ckpt *.bin);;所有文件 (*)</translation>
    </message>
    <message>
        <source>checking %1 …</source>
        <translation>正在检查 %1 …</translation>
    </message>
    <message>
        <source>Choose weights of the place</source>
        <translation>选择环境权重</translation>
    </message>
    <message>
        <source>Continue where the program ended</source>
        <translation>从程序结束处继续</translation>
    </message>
    <message>
        <source>Open the sample clip</source>
        <translation>打开示例片段</translation>
    </message>
    <message>
        <source>A walking mannequin, drawn on this machine</source>
        <translation>在本机上绘制的行走人偶</translation>
    </message>
    <message>
        <source>Drawing the sample clip …</source>
        <translation>正在绘制示例片段 …</translation>
    </message>
    <message>
        <source>Find the video…</source>
        <translation>查找视频…</translation>
    </message>
    <message>
        <source>Where is %1 now?</source>
        <translation>%1 现在在哪里？</translation>
    </message>
    <message>
        <source>&amp;Preferences…</source>
        <translation>首选项(&amp;P)…</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Stops after the frames at work and goes on from there</source>
        <translation>处理完当前帧后暂停，之后可从此处继续</translation>
    </message>
    <message>
        <source>Turntable movie…</source>
        <translation>转盘视频…</translation>
    </message>
    <message>
        <source>One turn around what the 3D view shows, as MP4</source>
        <translation>围绕三维视图内容旋转一周，存为 MP4</translation>
    </message>
    <message>
        <source>Save a turntable movie</source>
        <translation>保存转盘视频</translation>
    </message>
    <message>
        <source>Movies (*.mp4)</source>
        <translation>视频 (*.mp4)</translation>
    </message>
    <message>
        <source>The video of this project is not where it was.</source>
        <translation>此项目的视频不在原来的位置。</translation>
    </message>
    <message>
        <source>%1 was moved, renamed or is on a drive that is not connected. Everything else is still there.</source>
        <translation>%1 已被移动、重命名，或位于未连接的驱动器上。其他内容都还在。</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Paused; finished frames are kept</source>
        <translation>已暂停；已完成的帧会保留</translation>
    </message>
    <message>
        <source>The program ended without closing “%1”.</source>
        <translation>程序结束时未关闭“%1”。</translation>
    </message>
    <message>
        <source>Recording %1/%2</source>
        <translation>正在录制 %1/%2</translation>
    </message>
    <message>
        <source>Saved %1</source>
        <translation>已保存 %1</translation>
    </message>
    <message>
        <source>Bodies as surface</source>
        <translation>人体显示为表面</translation>
    </message>
    <message>
        <source>Bodies as wireframe</source>
        <translation>人体显示为线框</translation>
    </message>
    <message>
        <source>Bodies as bones</source>
        <translation>人体显示为骨骼</translation>
    </message>
    <message>
        <source>Bodies in the video&apos;s colours</source>
        <translation>人体显示视频颜色</translation>
    </message>
    <message>
        <source>Points on the surface; grey where the video does not show it</source>
        <translation>表面上的点；视频未显示处为灰色</translation>
    </message>
    <message>
        <source>Colour by doubt</source>
        <translation>按可疑度着色</translation>
    </message>
    <message>
        <source>Blue fits well, red deserves a look</source>
        <translation>蓝色拟合良好，红色值得检查</translation>
    </message>
    <message>
        <source>Colour by how well each part was seen</source>
        <translation>按各部位可见程度着色</translation>
    </message>
    <message>
        <source>Blue was seen clearly, red is guessed</source>
        <translation>蓝色为清晰可见，红色为推测</translation>
    </message>
    <message>
        <source>Colour by difference</source>
        <translation>按差异着色</translation>
    </message>
    <message>
        <source>How far each part lies from what the bodies are compared with</source>
        <translation>各部位与比较对象之间的距离</translation>
    </message>
    <message>
        <source>Next way of drawing bodies</source>
        <translation>切换人体显示方式</translation>
    </message>
    <message>
        <source>Video behind the bodies</source>
        <translation>人体后方显示视频</translation>
    </message>
    <message>
        <source>While looking through the video&apos;s camera</source>
        <translation>使用视频相机视角时</translation>
    </message>
    <message>
        <source>Wipe between two results</source>
        <translation>划变比较两个结果</translation>
    </message>
    <message>
        <source>Left of the line what the bodies are compared with, right of it the bodies</source>
        <translation>线的左侧为比较对象，右侧为人体</translation>
    </message>
    <message>
        <source>Compare with the bodies before smoothing</source>
        <translation>与平滑前的人体比较</translation>
    </message>
    <message>
        <source>Compare with the run without completion</source>
        <translation>与未补全的运行比较</translation>
    </message>
    <message>
        <source>Where a person was hidden there is nothing without it</source>
        <translation>人物被遮挡处，未补全时没有内容</translation>
    </message>
    <message>
        <source>Compare with another project…</source>
        <translation>与另一个项目比较…</translation>
    </message>
    <message>
        <source>Of the same video: other settings, other clicks, another engine</source>
        <translation>同一视频：不同的设置、点击或引擎</translation>
    </message>
    <message>
        <source>Compare with a project</source>
        <translation>与项目比较</translation>
    </message>
    <message>
        <source>Measure a distance</source>
        <translation>测量距离</translation>
    </message>
    <message>
        <source>Click two places on bodies or on the ground</source>
        <translation>在人体或地面上点击两处</translation>
    </message>
    <message>
        <source>Show a 3D file…</source>
        <translation>显示三维文件…</translation>
    </message>
    <message>
        <source>PLY, GLB, OBJ, npz or a COLMAP model beside the bodies; or drop one on the window</source>
        <translation>在人体旁显示 PLY、GLB、OBJ、npz 或 COLMAP 模型；也可拖到窗口上</translation>
    </message>
    <message>
        <source>Show a 3D file</source>
        <translation>显示三维文件</translation>
    </message>
    <message>
        <source>3D files (%1)</source>
        <translation>三维文件 (%1)</translation>
    </message>
    <message>
        <source>Show a folder of 3D files…</source>
        <translation>显示三维文件夹…</translation>
    </message>
    <message>
        <source>SAM-Body4D&apos;s results, meshes numbered by frame, or a COLMAP model</source>
        <translation>SAM-Body4D 的结果、按帧编号的网格或 COLMAP 模型</translation>
    </message>
    <message>
        <source>Show a folder of 3D files</source>
        <translation>显示三维文件夹</translation>
    </message>
    <message>
        <source>Remove shown 3D files</source>
        <translation>移除显示的三维文件</translation>
    </message>
    <message>
        <source>Save the 3D view as a picture…</source>
        <translation>将三维视图存为图片…</translation>
    </message>
    <message>
        <source>Save the 3D view without background…</source>
        <translation>保存无背景的三维视图…</translation>
    </message>
    <message>
        <source>PNG with transparency</source>
        <translation>带透明度的 PNG</translation>
    </message>
    <message>
        <source>Copy the 3D view</source>
        <translation>复制三维视图</translation>
    </message>
    <message>
        <source>Reading %1</source>
        <translation>正在读取 %1</translation>
    </message>
    <message>
        <source>Set or remove a camera key</source>
        <translation>设置或移除相机关键帧</translation>
    </message>
    <message>
        <source>Where the view is at this frame; a movie flies from key to key</source>
        <translation>此帧的视角位置；视频会在关键帧之间飞行</translation>
    </message>
    <message numerus="yes">
        <source>Frame %1: %2, %n camera keys in all</source>
        <translation>
            <numerusform>第 %1 帧：%2，共 %n 个相机关键帧</numerusform>
        </translation>
    </message>
    <message>
        <source>camera key set</source>
        <translation>已设置相机关键帧</translation>
    </message>
    <message>
        <source>camera key removed</source>
        <translation>已移除相机关键帧</translation>
    </message>
    <message>
        <source>Remove all camera keys</source>
        <translation>移除所有相机关键帧</translation>
    </message>
    <message>
        <source>No camera keys</source>
        <translation>没有相机关键帧</translation>
    </message>
    <message>
        <source>Fly along the camera keys</source>
        <translation>沿相机关键帧飞行</translation>
    </message>
    <message>
        <source>The view follows the keys while time passes</source>
        <translation>视角随时间沿关键帧移动</translation>
    </message>
    <message>
        <source>Record the 3D view as a movie…</source>
        <translation>将三维视图录制为视频…</translation>
    </message>
    <message>
        <source>The range of the timeline as MP4, along the camera keys; again: stops</source>
        <translation>将时间线范围沿相机关键帧录制为 MP4；再按一次停止</translation>
    </message>
    <message>
        <source>The movie was given up</source>
        <translation>已放弃录制</translation>
    </message>
    <message>
        <source>Record the 3D view</source>
        <translation>录制三维视图</translation>
    </message>
    <message>
        <source>Distance %1 m</source>
        <translation>距离 %1 m</translation>
    </message>
    <message>
        <source>without completion</source>
        <translation>未补全</translation>
    </message>
    <message>
        <source>with completion</source>
        <translation>已补全</translation>
    </message>
    <message>
        <source>raw</source>
        <translation>原始</translation>
    </message>
    <message>
        <source>smoothed</source>
        <translation>平滑后</translation>
    </message>
    <message>
        <source>There is nothing to compare yet.</source>
        <translation>还没有可比较的内容。</translation>
    </message>
    <message>
        <source>Open one project, then choose another one of the same video.</source>
        <translation>请打开一个项目，再选择同一视频的另一个项目。</translation>
    </message>
    <message>
        <source>Save the 3D view</source>
        <translation>保存三维视图</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation>PNG (*.png)</translation>
    </message>
    <message>
        <source>Pictures (*.png *.jpg)</source>
        <translation>图片 (*.png *.jpg)</translation>
    </message>
    <message>
        <source>The picture could not be written.</source>
        <translation>无法写入图片。</translation>
    </message>
    <message>
        <source>Choose a folder that you may write to, with enough free space.</source>
        <translation>请选择可写且空间充足的文件夹。</translation>
    </message>
    <message>
        <source>%1 × %2</source>
        <translation>%1 × %2</translation>
    </message>
    <message numerus="yes">
        <source>%n frames</source>
        <translation>
            <numerusform>%n 帧</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 fps</source>
        <translation>%1 fps</translation>
    </message>
    <message>
        <source>variable rate</source>
        <translation>可变帧率</translation>
    </message>
    <message>
        <source>turned by %1°</source>
        <translation>旋转 %1°</translation>
    </message>
    <message>
        <source>Frame %1</source>
        <translation>第 %1 帧</translation>
    </message>
    <message>
        <source>The frames around it may still be fine.</source>
        <translation>其前后的帧可能仍然正常。</translation>
    </message>
    <message>
        <source>x %1  y %2%3</source>
        <translation>x %1  y %2%3</translation>
    </message>
    <message>
        <source>X %1  Y %2  Z %3 m</source>
        <translation>X %1  Y %2  Z %3 m</translation>
    </message>
    <message>
        <source>Nobody was found there.</source>
        <translation>该处未找到人物。</translation>
    </message>
    <message>
        <source>Click the middle of a person, or draw a box around one.</source>
        <translation>请点击人物中部，或框选一个人物。</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>正在停止</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>正在运行</translation>
    </message>
    <message>
        <source>, %1 left</source>
        <translation>，剩余 %1</translation>
    </message>
    <message>
        <source>Cancelled; finished frames are kept</source>
        <translation>已取消；已完成的帧会保留</translation>
    </message>
    <message>
        <source>Done in %1</source>
        <translation>用时 %1 完成</translation>
    </message>
    <message>
        <source> · %1 person-frames/s</source>
        <translation> · %1 人物帧/秒</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Nobody is selected yet.</source>
        <translation>尚未选择人物。</translation>
    </message>
    <message>
        <source>Click a person in the video, or let all be found.</source>
        <translation>请在视频中点击人物，或自动查找全部。</translation>
    </message>
    <message>
        <source>Nobody was found on this frame.</source>
        <translation>此帧未找到人物。</translation>
    </message>
    <message>
        <source>Everybody found here is selected already.</source>
        <translation>此处找到的人物均已选中。</translation>
    </message>
    <message>
        <source>Go to a frame where people are clearly seen, or click one.</source>
        <translation>请跳到人物清晰可见的帧，或点击一个人物。</translation>
    </message>
    <message numerus="yes">
        <source>%n people found</source>
        <translation>
            <numerusform>找到 %n 个人物</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Update: %n stale</source>
        <translation>
            <numerusform>更新：%n 项过期</numerusform>
        </translation>
    </message>
    <message>
        <source>Body4D Studio</source>
        <translation>Body4D Studio</translation>
    </message>
    <message>
        <source>read-only</source>
        <translation>只读</translation>
    </message>
    <message>
        <source>draft, saved</source>
        <translation>草稿，已保存</translation>
    </message>
    <message>
        <source>saved</source>
        <translation>已保存</translation>
    </message>
    <message>
        <source>%1 — %2 — Body4D Studio</source>
        <translation>%1 — %2 — Body4D Studio</translation>
    </message>
    <message>
        <source>Click a person to select · drag to move the picture</source>
        <translation>点击选择人物 · 拖动平移画面</translation>
    </message>
    <message>
        <source>Paint · right button erases · size %1 px ([ and ])</source>
        <translation>涂抹 · 右键擦除 · 大小 %1 px（[ 和 ]）</translation>
    </message>
    <message>
        <source>Erase what does not belong · size %1 px ([ and ])</source>
        <translation>擦除不属于的部分 · 大小 %1 px（[ 和 ]）</translation>
    </message>
    <message>
        <source>Excluding: click what does not belong (Q to include)</source>
        <translation>排除：点击不属于的部分（Q 切换为包含）</translation>
    </message>
    <message>
        <source>Click a person</source>
        <translation>点击人物</translation>
    </message>
    <message>
        <source>Left click adds a person · right click excludes</source>
        <translation>左键添加人物 · 右键排除</translation>
    </message>
    <message>
        <source>completion on</source>
        <translation>补全开启</translation>
    </message>
    <message>
        <source>completion off</source>
        <translation>补全关闭</translation>
    </message>
    <message>
        <source>Frames %1 to %2 of %3 are guesses again</source>
        <translation>%3 的第 %1 至 %2 帧重新视为推测</translation>
    </message>
    <message>
        <source>Frames %1 to %2 of %3 accepted</source>
        <translation>已接受 %3 的第 %1 至 %2 帧</translation>
    </message>
    <message>
        <source>Frames %1 to %2 of %3 rejected: hidden</source>
        <translation>已拒绝 %3 的第 %1 至 %2 帧：按遮挡处理</translation>
    </message>
    <message>
        <source>today at %1</source>
        <translation>今天 %1</translation>
    </message>
    <message>
        <source>on %1 at %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>Every edit and every finished frame was saved, the last one %1.</source>
        <translation>每次编辑和每个完成的帧都已保存，最后一次是%1。</translation>
    </message>
    <message>
        <source>The time of the 3D files that are shown. With a video, each person gets a lane here.</source>
        <translation>所显示三维文件的时间。打开视频后，每个人物在这里有一条轨道。</translation>
    </message>
    <message>
        <source>Each person gets a lane here. Click one in the video.</source>
        <translation>每个人物在这里有一条轨道。请在视频中点击人物。</translation>
    </message>
    <message>
        <source>What is unusual about the video</source>
        <translation>视频的特殊之处</translation>
    </message>
    <message>
        <source>&amp;Record with a camera…</source>
        <translation>用相机录制(&amp;E)…</translation>
    </message>
    <message>
        <source>Looks through a camera of this machine; what it records opens as the video</source>
        <translation>使用本机的相机；录制的内容会作为视频打开</translation>
    </message>
    <message>
        <source>%1 is recorded.</source>
        <translation>%1 已录制。</translation>
    </message>
    <message>
        <source>Open it when the run has ended. %1</source>
        <translation>运行结束后再打开。%1</translation>
    </message>
    <message>
        <source>What was recorded until then is here: %1</source>
        <translation>在此之前录制的内容位于：%1</translation>
    </message>
    <message>
        <source>HDR (%1), shown as SDR</source>
        <translation>HDR (%1)，按 SDR 显示</translation>
    </message>
    <message>
        <source>Seen in no frame: %1.</source>
        <translation>在任何一帧中都未见到：%1。</translation>
    </message>
    <message>
        <source>Go to a frame where the person is clearly visible, click the middle of the body, and run again.</source>
        <translation>请转到能清楚看到此人的一帧，点击身体中部，然后再次运行。</translation>
    </message>
</context>
<context>
    <name>body4d::ui::MaskEditor</name>
    <message>
        <source>Brush</source>
        <translation>画笔</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>擦除</translation>
    </message>
</context>
<context>
    <name>body4d::ui::MemoryGauge</name>
    <message>
        <source>tensors</source>
        <translation>张量</translation>
    </message>
    <message>
        <source>ours</source>
        <translation>本程序</translation>
    </message>
    <message>
        <source>cache</source>
        <translation>缓存</translation>
    </message>
    <message>
        <source>ours, other</source>
        <translation>本程序其他</translation>
    </message>
    <message>
        <source>others</source>
        <translation>其他程序</translation>
    </message>
    <message>
        <source>Memory gauge</source>
        <translation>内存表</translation>
    </message>
    <message>
        <source>%1 in use of %2</source>
        <translation>已用 %1，共 %2</translation>
    </message>
    <message>
        <source>%1: at most %2</source>
        <translation>%1：最大 %2</translation>
    </message>
    <message>
        <source>%1 s ago</source>
        <translation>%1 秒前</translation>
    </message>
    <message>
        <source>budget</source>
        <translation>预算</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ModelsDialog</name>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Everything runs on this machine; this program never downloads by itself. Weights that you have can be dropped here: their size, content and every tensor are checked before they are put in place.</source>
        <translation>一切都在本机运行；本程序从不自行下载。您已有的权重可拖到这里：在放到位之前会检查其大小、内容和每个张量。</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>引擎</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>阶段</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>处理办法</translation>
    </message>
    <message>
        <source>About the selected engine</source>
        <translation>关于所选引擎</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Add a file…</source>
        <translation>添加文件…</translation>
    </message>
    <message>
        <source>A checkpoint or model file from your disk; which engine it belongs to is recognised</source>
        <translation>磁盘上的检查点或模型文件；会自动识别所属引擎</translation>
    </message>
    <message>
        <source>Add a model file</source>
        <translation>添加模型文件</translation>
    </message>
    <message>
        <source>Model files (*.safetensors *.pt *.pth *.ckpt *.bin *.tflite);;All files (*)</source>
        <translation>模型文件 (*.safetensors *.pt *.pth *.ckpt *.bin *.tflite);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>✓ ready</source>
        <translation>✓ 就绪</translation>
    </message>
    <message>
        <source>not in this version</source>
        <translation>此版本不含</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>缺失</translation>
    </message>
    <message>
        <source>From: %1 &amp;nbsp; Place: %2</source>
        <translation>来源：%1 &amp;nbsp; 位置：%2</translation>
    </message>
    <message>
        <source>built in</source>
        <translation>内置</translation>
    </message>
    <message>
        <source>Checking %1 …</source>
        <translation>正在检查 %1 …</translation>
    </message>
    <message>
        <source>✓ Sound, and put in place: %1</source>
        <translation>✓ 完好，已放到位：%1</translation>
    </message>
</context>
<context>
    <name>body4d::ui::PreferencesDialog</name>
    <message>
        <source>Preferences</source>
        <translation>首选项</translation>
    </message>
    <message>
        <source>Looks</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>As the system says</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1%</translation>
    </message>
    <message>
        <source>Of the whole interface; takes effect at the next start</source>
        <translation>整个界面；下次启动时生效</translation>
    </message>
    <message>
        <source>takes effect at the next start</source>
        <translation>下次启动时生效</translation>
    </message>
    <message>
        <source>Size of the interface</source>
        <translation>界面大小</translation>
    </message>
    <message>
        <source>Chinese (no font has its letters)</source>
        <translation>中文（没有包含其文字的字体）</translation>
    </message>
    <message>
        <source>Of the window; files and the command line stay English. Takes effect at the next start</source>
        <translation>窗口的语言；文件和命令行仍为英文。下次启动时生效</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Opacity of masks</source>
        <translation>掩码不透明度</translation>
    </message>
    <message>
        <source>Behaviour</source>
        <translation>行为</translation>
    </message>
    <message>
        <source>Volume of the sound</source>
        <translation>音量</translation>
    </message>
    <message>
        <source>Open the last project</source>
        <translation>打开上次的项目</translation>
    </message>
    <message>
        <source>At the start</source>
        <translation>启动时</translation>
    </message>
    <message>
        <source>Keyboard shortcuts…</source>
        <translation>键盘快捷键…</translation>
    </message>
    <message>
        <source>Every edit is saved as it is made. Drafts are kept in %1 until you save them elsewhere.</source>
        <translation>每次编辑都会立即保存。草稿保存在 %1，直到您另存到别处。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ProjectController</name>
    <message>
        <source>This project is open read-only.</source>
        <translation>此项目以只读方式打开。</translation>
    </message>
    <message>
        <source>Another program holds it. Close that one, or save a copy to edit.</source>
        <translation>另一个程序正在使用它。请关闭那个程序，或保存副本后编辑。</translation>
    </message>
    <message>
        <source>Add person</source>
        <translation>添加人物</translation>
    </message>
    <message>
        <source>Delete person</source>
        <translation>删除人物</translation>
    </message>
    <message>
        <source>Rename person</source>
        <translation>重命名人物</translation>
    </message>
    <message>
        <source>Change colour</source>
        <translation>更改颜色</translation>
    </message>
    <message>
        <source>Change body of person %1</source>
        <translation>更改人物 %1 的体型</translation>
    </message>
    <message>
        <source>New person</source>
        <translation>新建人物</translation>
    </message>
    <message>
        <source>Add point</source>
        <translation>添加点</translation>
    </message>
    <message>
        <source>Exclude point</source>
        <translation>添加排除点</translation>
    </message>
    <message>
        <source>Move point</source>
        <translation>移动点</translation>
    </message>
    <message>
        <source>Remove point</source>
        <translation>移除点</translation>
    </message>
    <message>
        <source>Draw box</source>
        <translation>绘制框</translation>
    </message>
    <message>
        <source>Remove box</source>
        <translation>移除框</translation>
    </message>
    <message>
        <source>Remove points of this frame</source>
        <translation>移除此帧的点</translation>
    </message>
    <message numerus="yes">
        <source>Add %n people</source>
        <translation>
            <numerusform>添加 %n 个人物</numerusform>
        </translation>
    </message>
    <message>
        <source>Import masks</source>
        <translation>导入掩码</translation>
    </message>
    <message>
        <source>Swap people</source>
        <translation>互换人物</translation>
    </message>
    <message>
        <source>Split person</source>
        <translation>拆分人物</translation>
    </message>
    <message>
        <source>Merge people</source>
        <translation>合并人物</translation>
    </message>
    <message>
        <source>Not in the picture</source>
        <translation>不在画面中</translation>
    </message>
    <message>
        <source>In the picture</source>
        <translation>在画面中</translation>
    </message>
    <message>
        <source>Take verdict back</source>
        <translation>撤回判定</translation>
    </message>
    <message>
        <source>Accept completed frames</source>
        <translation>接受补全的帧</translation>
    </message>
    <message>
        <source>Reject completed frames</source>
        <translation>拒绝补全的帧</translation>
    </message>
    <message>
        <source>Change range</source>
        <translation>更改范围</translation>
    </message>
    <message>
        <source>Change %1</source>
        <translation>更改%1</translation>
    </message>
</context>
<context>
    <name>body4d::ui::RunPanel</name>
    <message>
        <source>Smooth place</source>
        <translation>平滑位置</translation>
    </message>
    <message>
        <source>Smooth torso</source>
        <translation>平滑躯干</translation>
    </message>
    <message>
        <source>Smooth arms</source>
        <translation>平滑手臂</translation>
    </message>
    <message>
        <source>Smooth legs</source>
        <translation>平滑腿部</translation>
    </message>
    <message>
        <source>Smooth head</source>
        <translation>平滑头部</translation>
    </message>
    <message>
        <source>balanced</source>
        <translation>均衡</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>省内存</translation>
    </message>
    <message>
        <source>quality</source>
        <translation>高质量</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation>分割</translation>
    </message>
    <message>
        <source>Body</source>
        <translation>人体</translation>
    </message>
    <message>
        <source>Completion</source>
        <translation>补全</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Ground</source>
        <translation>地面</translation>
    </message>
    <message>
        <source>Scene</source>
        <translation>场景</translation>
    </message>
    <message>
        <source>Tracking</source>
        <translation>跟踪</translation>
    </message>
    <message>
        <source>Fitting bodies</source>
        <translation>拟合人体</translation>
    </message>
    <message>
        <source>Completing</source>
        <translation>补全</translation>
    </message>
    <message>
        <source>Finding the ground</source>
        <translation>查找地面</translation>
    </message>
    <message>
        <source>Reconstructing the scene</source>
        <translation>重建场景</translation>
    </message>
    <message>
        <source>Exporting</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>加载</translation>
    </message>
    <message>
        <source>every frame</source>
        <translation>每一帧</translation>
    </message>
    <message>
        <source>Hands</source>
        <translation>手部</translation>
    </message>
    <message>
        <source>How strongly time smooths all limbs: 0 none, 1 usual, 4 strong. Each limb has a field of its own below the arrow.</source>
        <translation>所有肢体的时间平滑强度：0 无，1 常规，4 强。箭头下方可为每个肢体单独设置。</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>平滑</translation>
    </message>
    <message>
        <source>Change smoothing</source>
        <translation>更改平滑</translation>
    </message>
    <message>
        <source>Hold feet</source>
        <translation>固定双脚</translation>
    </message>
    <message>
        <source>Foot lock</source>
        <translation>足部锁定</translation>
    </message>
    <message>
        <source>own</source>
        <translation>自定义</translation>
    </message>
    <message>
        <source>Resolution and points together, as Depth Anything 3&apos;s programs name them</source>
        <translation>分辨率与点数的组合，名称与 Depth Anything 3 的程序一致</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>what memory holds</source>
        <translation>内存可容纳</translation>
    </message>
    <message>
        <source>Choose the preset %1</source>
        <translation>选择预设 %1</translation>
    </message>
    <message>
        <source>No weights yet: &lt;a href=&apos;help.models&apos;&gt;what to add&lt;/a&gt;, &lt;a href=&apos;run.sceneWeights&apos;&gt;choose a file&lt;/a&gt;</source>
        <translation>尚无权重：&lt;a href=&apos;help.models&apos;&gt;需要添加什么&lt;/a&gt;，&lt;a href=&apos;run.sceneWeights&apos;&gt;选择文件&lt;/a&gt;</translation>
    </message>
    <message>
        <source>models folder</source>
        <translation>模型文件夹</translation>
    </message>
    <message>
        <source>Those in the models folder; or choose a file of your own</source>
        <translation>使用模型文件夹中的权重；或选择您自己的文件</translation>
    </message>
    <message>
        <source> frames</source>
        <translation> 帧</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>批大小</translation>
    </message>
    <message>
        <source> GiB</source>
        <translation> GiB</translation>
    </message>
    <message>
        <source>what is free</source>
        <translation>可用内存</translation>
    </message>
    <message>
        <source>Budget</source>
        <translation>预算</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>Set with I (in) and O (out) at the time cursor</source>
        <translation>在时间光标处用 I（入点）和 O（出点）设置</translation>
    </message>
    <message>
        <source>Estimate</source>
        <translation>预估</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>%1: starting</source>
        <translation>%1：正在开始</translation>
    </message>
    <message>
        <source>Cancel keeps what is finished.</source>
        <translation>取消会保留已完成的部分。</translation>
    </message>
    <message>
        <source>Stopping; finished frames are kept</source>
        <translation>正在停止；已完成的帧会保留</translation>
    </message>
    <message>
        <source>Paused at %1 of %2</source>
        <translation>已暂停于 %1 / %2</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Memory is free; Resume goes on from here.</source>
        <translation>内存已释放；“继续”将从此处接着运行。</translation>
    </message>
    <message>
        <source>  (mixed)</source>
        <translation>  （混合）</translation>
    </message>
    <message>
        <source>in %1 – out %2</source>
        <translation>入点 %1 – 出点 %2</translation>
    </message>
    <message>
        <source>–</source>
        <translation>–</translation>
    </message>
    <message>
        <source>≈ %1; half of it saves %2</source>
        <translation>≈ %1；减半可节省 %2</translation>
    </message>
    <message>
        <source>the least memory, but slower</source>
        <translation>内存最少，但较慢</translation>
    </message>
    <message>
        <source>Results are the same with every batch size.</source>
        <translation>无论批大小如何，结果都相同。</translation>
    </message>
    <message>
        <source>Everything is up to date</source>
        <translation>一切均为最新</translation>
    </message>
    <message>
        <source>Together about %1</source>
        <translation>合计约 %1</translation>
    </message>
    <message>
        <source>%1 peak</source>
        <translation>峰值 %1</translation>
    </message>
    <message>
        <source>%1. %2, waits</source>
        <translation>%1. %2，等待中</translation>
    </message>
    <message>
        <source>Take %1 out of the queue</source>
        <translation>将 %1 移出队列</translation>
    </message>
    <message>
        <source>: %1 %</source>
        <translation>：%1%</translation>
    </message>
    <message>
        <source>: %1 of %2</source>
        <translation>：%1 / %2</translation>
    </message>
    <message>
        <source>%1 person-frames/s</source>
        <translation>%1 人物帧/秒</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>剩余 %1</translation>
    </message>
    <message>
        <source>%1 elapsed</source>
        <translation>已用 %1</translation>
    </message>
    <message>
        <source>Camera: %1</source>
        <translation>相机：%1</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ScenePanel</name>
    <message>
        <source>Scene</source>
        <translation>场景</translation>
    </message>
    <message>
        <source>Field of view of the video&apos;s camera</source>
        <translation>视频相机的视场角</translation>
    </message>
    <message>
        <source>Of the picture&apos;s longer side. Bodies and ground are computed from it: a run brings them up to date.</source>
        <translation>画面长边的视场角。人体和地面由此计算：重新运行即可更新。</translation>
    </message>
    <message>
        <source>Field of view</source>
        <translation>视场角</translation>
    </message>
    <message>
        <source>not measured yet; </source>
        <translation>尚未测量；</translation>
    </message>
    <message>
        <source>measured by %1; </source>
        <translation>由 %1 测得；</translation>
    </message>
    <message>
        <source>from frame %1: %2°, %3 px
</source>
        <translation>从第 %1 帧起：%2°，%3 px
</translation>
    </message>
    <message>
        <source>focal length %1 px, a %2 mm lens</source>
        <translation>焦距 %1 px，相当于 %2 mm 镜头</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>%1
%2: %L3 points, %L4 triangles%5</source>
        <translation>%1
%2：%L3 个点，%L4 个三角形%5</translation>
    </message>
    <message>
        <source>Options of %1</source>
        <translation>%1 的选项</translation>
    </message>
    <message>
        <source>Show it whole</source>
        <translation>完整显示</translation>
    </message>
    <message>
        <source>What is up</source>
        <translation>向上方向</translation>
    </message>
    <message>
        <source>As the file says</source>
        <translation>按文件</translation>
    </message>
    <message>
        <source>Y</source>
        <translation>Y</translation>
    </message>
    <message>
        <source>−Y (computer vision)</source>
        <translation>−Y（计算机视觉）</translation>
    </message>
    <message>
        <source>Z</source>
        <translation>Z</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>点</translation>
    </message>
    <message>
        <source>Size of points</source>
        <translation>点的大小</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Colour of points</source>
        <translation>点的颜色</translation>
    </message>
    <message>
        <source>Own colours</source>
        <translation>自身颜色</translation>
    </message>
    <message>
        <source>One colour</source>
        <translation>单色</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>高度</translation>
    </message>
    <message>
        <source>Confidence</source>
        <translation>置信度</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>距离</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>Hide the points that are least sure, percent</source>
        <translation>隐藏最不确定的点，百分比</translation>
    </message>
    <message>
        <source>Nothing is computed anew: the points are only hidden.</source>
        <translation>不会重新计算：只是隐藏这些点。</translation>
    </message>
    <message>
        <source>Every point, however sure</source>
        <translation>所有点，不论置信度</translation>
    </message>
    <message>
        <source>Without the %1 % least sure</source>
        <translation>去除最不确定的 %1%</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ShortcutSheet</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Search a command or a key</source>
        <translation>搜索命令或按键</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>New key</source>
        <translation>新按键</translation>
    </message>
    <message>
        <source>Set key</source>
        <translation>设置按键</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>默认</translation>
    </message>
    <message>
        <source>Change the selected one:</source>
        <translation>更改所选项：</translation>
    </message>
    <message>
        <source>Video: left click includes, right click (or Ctrl+click) excludes, click a point to remove it, drag to move it, wheel zooms, middle button pans.
3D: drag orbits, middle button or Shift+drag pans, wheel zooms to the cursor, double click sets the centre.</source>
        <translation>视频：左键包含，右键（或 Ctrl+点击）排除，点击点可移除，拖动可移动，滚轮缩放，中键平移。
三维：拖动旋转，中键或 Shift+拖动平移，滚轮向光标缩放，双击设置中心。</translation>
    </message>
    <message>
        <source>This key belongs to “%1”; setting it here takes it from there.</source>
        <translation>此按键属于“%1”；在此设置会从那里移除。</translation>
    </message>
</context>
<context>
    <name>body4d::ui::StageRow</name>
    <message>
        <source>%1: estimate</source>
        <translation>%1：预估</translation>
    </message>
    <message>
        <source>Options of %1</source>
        <translation>%1 的选项</translation>
    </message>
    <message>
        <source>More options of this stage</source>
        <translation>此阶段的更多选项</translation>
    </message>
    <message>
        <source>Engine of %1</source>
        <translation>%1 的引擎</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>最新</translation>
    </message>
    <message>
        <source>Nothing to do here</source>
        <translation>此处无需处理</translation>
    </message>
    <message>
        <source>~ %1</source>
        <translation>~ %1</translation>
    </message>
    <message numerus="yes">
        <source>%n frames; %1</source>
        <translation>
            <numerusform>%n 帧；%1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n frames of people; %1</source>
        <translation>
            <numerusform>%n 人物帧；%1</numerusform>
        </translation>
    </message>
    <message>
        <source>from earlier runs on this machine</source>
        <translation>依据本机以往的运行</translation>
    </message>
    <message>
        <source>a first guess, until it was measured here</source>
        <translation>初步估计，待在本机测量</translation>
    </message>
</context>
<context>
    <name>body4d::ui::TargetModel</name>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Person %1, %2, %3</source>
        <translation>人物 %1，%2，%3</translation>
    </message>
    <message>
        <source>shown</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>hidden</source>
        <translation>隐藏</translation>
    </message>
    <message>
        <source>%1 — click to select (%2), double click to rename</source>
        <translation>%1 — 点击选择 (%2)，双击重命名</translation>
    </message>
</context>
<context>
    <name>body4d::ui::TargetPanel</name>
    <message>
        <source>Adult</source>
        <translation>成人</translation>
    </message>
    <message>
        <source>Older</source>
        <translation>老人</translation>
    </message>
    <message>
        <source>Child</source>
        <translation>儿童</translation>
    </message>
    <message>
        <source>Toddler</source>
        <translation>幼儿</translation>
    </message>
    <message>
        <source>From silhouette</source>
        <translation>由轮廓得出</translation>
    </message>
    <message>
        <source>Slim</source>
        <translation>瘦</translation>
    </message>
    <message>
        <source>Average</source>
        <translation>中等</translation>
    </message>
    <message>
        <source>Heavy</source>
        <translation>壮</translation>
    </message>
    <message>
        <source>Nobody yet. Click a person in the video, or let all be found.</source>
        <translation>还没有人物。请在视频中点击人物，或自动查找全部。</translation>
    </message>
    <message>
        <source>People</source>
        <translation>人物</translation>
    </message>
    <message>
        <source> cm</source>
        <translation> cm</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>How tall this person is; one view cannot tell. Sets the scale of the whole scene.</source>
        <translation>此人的身高；单一视角无法判断。决定整个场景的尺度。</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>身高</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>年龄</translation>
    </message>
    <message>
        <source>Build</source>
        <translation>体型</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>隐藏</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>Solo</source>
        <translation>单独显示</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>解锁</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Colour…</source>
        <translation>颜色…</translation>
    </message>
    <message>
        <source>Selected: %1</source>
        <translation>已选：%1</translation>
    </message>
    <message>
        <source>Seen in %1 of %2 frames</source>
        <translation>在 %2 帧中的 %1 帧可见</translation>
    </message>
    <message>
        <source>Not run yet</source>
        <translation>尚未运行</translation>
    </message>
    <message>
        <source>2D error %1 % of height</source>
        <translation>二维误差为身高的 %1%</translation>
    </message>
    <message>
        <source>Silhouette overlap %1 (IoU)</source>
        <translation>轮廓重合度 %1 (IoU)</translation>
    </message>
    <message>
        <source>One shape for the whole clip</source>
        <translation>整个片段使用同一体型</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ThumbnailPopup</name>
    <message>
        <source>%1  ·  %2</source>
        <translation>%1  ·  %2</translation>
    </message>
</context>
<context>
    <name>body4d::ui::TimelineWidget</name>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>Frame number</source>
        <translation>帧号</translation>
    </message>
    <message>
        <source>Type a frame number (G)</source>
        <translation>输入帧号 (G)</translation>
    </message>
    <message>
        <source>Playback speed</source>
        <translation>播放速度</translation>
    </message>
    <message>
        <source>Playback speed (J, K, L)</source>
        <translation>播放速度 (J, K, L)</translation>
    </message>
    <message>
        <source>/ %1</source>
        <translation>/ %1</translation>
    </message>
    <message>
        <source>  ·  %1 fps</source>
        <translation>  ·  %1 fps</translation>
    </message>
    <message>
        <source>  ·  in %1 – out %2</source>
        <translation>  ·  入点 %1 – 出点 %2</translation>
    </message>
</context>
<context>
    <name>body4d::ui::VideoCanvas</name>
    <message>
        <source>Video</source>
        <translation>视频</translation>
    </message>
    <message>
        <source>Left click includes, right click excludes; C shows a cross for the keyboard</source>
        <translation>左键包含，右键排除；C 显示键盘十字光标</translation>
    </message>
    <message>
        <source>Video · frame %1</source>
        <translation>视频 · 第 %1 帧</translation>
    </message>
    <message>
        <source> · completed</source>
        <translation> · 已补全</translation>
    </message>
    <message>
        <source> · hidden</source>
        <translation> · 被遮挡</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ViewportWidget</name>
    <message>
        <source>How well the body fits</source>
        <translation>人体拟合程度</translation>
    </message>
    <message>
        <source>well</source>
        <translation>良好</translation>
    </message>
    <message>
        <source>look here</source>
        <translation>需检查</translation>
    </message>
    <message>
        <source>How well each part was seen</source>
        <translation>各部位可见程度</translation>
    </message>
    <message>
        <source>clearly</source>
        <translation>清晰</translation>
    </message>
    <message>
        <source>guessed</source>
        <translation>推测</translation>
    </message>
    <message>
        <source>Difference, mm</source>
        <translation>差异，mm</translation>
    </message>
    <message>
        <source>Away from “%1”, mm</source>
        <translation>与“%1”的距离，mm</translation>
    </message>
    <message>
        <source>Height, metres</source>
        <translation>高度，米</translation>
    </message>
    <message>
        <source>Share of points that are less sure</source>
        <translation>更不确定的点的比例</translation>
    </message>
    <message>
        <source>0 %</source>
        <translation>0%</translation>
    </message>
    <message>
        <source>50 %</source>
        <translation>50%</translation>
    </message>
    <message>
        <source>100 %</source>
        <translation>100%</translation>
    </message>
    <message>
        <source>Distance from the eye</source>
        <translation>与视点的距离</translation>
    </message>
    <message>
        <source>near</source>
        <translation>近</translation>
    </message>
    <message>
        <source>far</source>
        <translation>远</translation>
    </message>
    <message>
        <source>nothing to compare here</source>
        <translation>此处没有可比较的内容</translation>
    </message>
    <message>
        <source>mean %1 mm, most %2 mm</source>
        <translation>平均 %1 mm，最大 %2 mm</translation>
    </message>
    <message>
        <source>%1 m</source>
        <translation>%1 m</translation>
    </message>
    <message>
        <source>3D view</source>
        <translation>三维视图</translation>
    </message>
    <message>
        <source>Bodies in space; drag to orbit, middle button to pan, wheel to zoom</source>
        <translation>空间中的人体；拖动旋转，中键平移，滚轮缩放</translation>
    </message>
    <message>
        <source>3D · grid of 1 m</source>
        <translation>三维 · 网格 1 m</translation>
    </message>
    <message>
        <source>The bodies appear here, in metres, as soon as a run starts.</source>
        <translation>运行开始后，人体会以米为单位显示在这里。</translation>
    </message>
    <message>
        <source>Distance: click the first place</source>
        <translation>距离：点击第一个位置</translation>
    </message>
    <message>
        <source>Distance: click the second place</source>
        <translation>距离：点击第二个位置</translation>
    </message>
</context>
<context>
    <name>body4d::ui::WipeHandle</name>
    <message>
        <source>raw</source>
        <translation>原始</translation>
    </message>
    <message>
        <source>smoothed</source>
        <translation>平滑后</translation>
    </message>
    <message>
        <source>Wipe between %1 and %2</source>
        <translation>在 %1 与 %2 之间划变</translation>
    </message>
    <message>
        <source>Left: %1. Right: %2. Drag, or use the arrow keys.</source>
        <translation>左：%1。右：%2。拖动或使用方向键。</translation>
    </message>
</context>
<context>
    <name>core</name>
    <message>
        <source>Completion</source>
        <translation>补全</translation>
    </message>
    <message>
        <source>Fill in poses while a person is hidden.</source>
        <translation>人物被遮挡时补全姿态。</translation>
    </message>
    <message>
        <source>Longest gap</source>
        <translation>最长间隔</translation>
    </message>
    <message>
        <source>Longer stretches without any measurement are not filled in.</source>
        <translation>更长的无测量片段不会补全。</translation>
    </message>
    <message>
        <source>Visible share</source>
        <translation>可见比例</translation>
    </message>
    <message>
        <source>A frame counts as hidden where less of the silhouette is seen, relative to usual.</source>
        <translation>与平常相比可见轮廓低于此比例的帧视为被遮挡。</translation>
    </message>
    <message>
        <source>Checkpoint folder</source>
        <translation>检查点文件夹</translation>
    </message>
    <message>
        <source>Folder of checkpoints as SAM-Body4D lays them out; empty: the program&apos;s own models folder.</source>
        <translation>按 SAM-Body4D 方式组织的检查点文件夹；留空：程序自己的模型文件夹。</translation>
    </message>
    <message>
        <source>SAM 3 checkpoint</source>
        <translation>SAM 3 检查点</translation>
    </message>
    <message>
        <source>Weights of SAM 3; empty: sam3/sam3.pt in the checkpoint folder, or the models folder.</source>
        <translation>SAM 3 的权重；留空：检查点文件夹中的 sam3/sam3.pt，或模型文件夹。</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>批大小</translation>
    </message>
    <message>
        <source>Frames per saved batch and crops per network call; more needs more memory, results are the same.</source>
        <translation>每次保存的帧数和每次网络调用的裁剪数；越多占用内存越多，结果相同。</translation>
    </message>
    <message>
        <source>Window of SAM-Body4D</source>
        <translation>SAM-Body4D 窗口</translation>
    </message>
    <message>
        <source>Frames that compat smooths together, knowing nothing of others; there it is the batch size.</source>
        <translation>compat 一起平滑的帧数，不考虑其他帧；在那里即批大小。</translation>
    </message>
    <message>
        <source>SAM 3D Body checkpoint</source>
        <translation>SAM 3D Body 检查点</translation>
    </message>
    <message>
        <source>Weights of SAM 3D Body; empty: sam-3d-body-dinov3/model.ckpt in the checkpoint folder.</source>
        <translation>SAM 3D Body 的权重；留空：检查点文件夹中的 sam-3d-body-dinov3/model.ckpt。</translation>
    </message>
    <message>
        <source>MHR body model</source>
        <translation>MHR 人体模型</translation>
    </message>
    <message>
        <source>The body model; empty: sam-3d-body-dinov3/assets/mhr_model.pt in the checkpoint folder.</source>
        <translation>人体模型；留空：检查点文件夹中的 sam-3d-body-dinov3/assets/mhr_model.pt。</translation>
    </message>
    <message>
        <source>MoGe-2 checkpoint</source>
        <translation>MoGe-2 检查点</translation>
    </message>
    <message>
        <source>Weights of MoGe-2; empty: moge-2-vitl-normal/model.pt in the checkpoint folder.</source>
        <translation>MoGe-2 的权重；留空：检查点文件夹中的 moge-2-vitl-normal/model.pt。</translation>
    </message>
    <message>
        <source>SAM 3D Body looks at</source>
        <translation>SAM 3D Body 关注</translation>
    </message>
    <message>
        <source>What sam3d_body looks at: bodies, or also every hand that is large enough, at three times the work.</source>
        <translation>sam3d_body 关注的内容：仅人体，或也包括每只足够大的手，工作量为三倍。</translation>
    </message>
    <message>
        <source>Output folder</source>
        <translation>输出文件夹</translation>
    </message>
    <message>
        <source>Where runs without -o put their results; empty: -o is needed.</source>
        <translation>不带 -o 的运行存放结果的位置；留空：必须给出 -o。</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Where networks on LibTorch run; auto: the first NVIDIA GPU, else the CPU. blazepose always takes the CPU.</source>
        <translation>LibTorch 网络的运行设备；自动：第一块 NVIDIA GPU，否则 CPU。blazepose 始终使用 CPU。</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>精度</translation>
    </message>
    <message>
        <source>Numbers of networks on a GPU: auto takes half precision where its authors do; float32 is exact and slower.</source>
        <translation>GPU 上网络的数值精度：自动在原作者使用半精度处使用半精度；float32 精确但较慢。</translation>
    </message>
    <message>
        <source>Memory budget</source>
        <translation>内存预算</translation>
    </message>
    <message>
        <source>Memory that may be used; 0: what is free less a margin.</source>
        <translation>允许使用的内存；0：可用内存减去余量。</translation>
    </message>
    <message>
        <source>Segmenter</source>
        <translation>分割器</translation>
    </message>
    <message>
        <source>Engine that turns clicks into masks.</source>
        <translation>将点击转换为掩码的引擎。</translation>
    </message>
    <message>
        <source>Completer</source>
        <translation>补全器</translation>
    </message>
    <message>
        <source>Engine that fills in hidden people.</source>
        <translation>补全被遮挡人物的引擎。</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Engine that finds the field of view.</source>
        <translation>求取视场角的引擎。</translation>
    </message>
    <message>
        <source>Body</source>
        <translation>人体</translation>
    </message>
    <message>
        <source>Engine that turns people into 3D bodies.</source>
        <translation>将人物转换为三维人体的引擎。</translation>
    </message>
    <message>
        <source>Scene</source>
        <translation>场景</translation>
    </message>
    <message>
        <source>Network that turns the video into cameras and a point cloud of the place; none: no scene.</source>
        <translation>将视频转换为相机和环境点云的网络；无：不生成场景。</translation>
    </message>
    <message>
        <source>Compatibility</source>
        <translation>兼容性</translation>
    </message>
    <message>
        <source>Decide as SAM-Body4D does, mistakes included: SAM 3 shares one memory among all people, SAM 3D Body smooths in windows and takes shapes from first frames.</source>
        <translation>与 SAM-Body4D 的做法一致，包括其错误：SAM 3 让所有人物共用一个记忆，SAM 3D Body 分窗口平滑并采用首帧的体型。</translation>
    </message>
    <message>
        <source>Scene weights</source>
        <translation>场景权重</translation>
    </message>
    <message>
        <source>File or folder of own weights for the scene&apos;s engine; auto: those in the models folder.</source>
        <translation>场景引擎自有权重的文件或文件夹；自动：模型文件夹中的权重。</translation>
    </message>
    <message>
        <source>Resolution</source>
        <translation>分辨率</translation>
    </message>
    <message>
        <source>Longer side of the pictures that the scene&apos;s network sees; time and memory grow with its square.</source>
        <translation>场景网络所见图像的长边；时间和内存随其平方增长。</translation>
    </message>
    <message>
        <source>Pictures a second</source>
        <translation>每秒图像数</translation>
    </message>
    <message>
        <source>How many frames of a second of video the scene is made of.</source>
        <translation>每秒视频用多少帧生成场景。</translation>
    </message>
    <message>
        <source>Frames per pass</source>
        <translation>每轮帧数</translation>
    </message>
    <message>
        <source>Frames that the network sees together; passes are aligned afterwards. 0: as many as the memory holds.</source>
        <translation>网络一次看到的帧数；各轮之后会对齐。0：内存可容纳的最大数量。</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>点数</translation>
    </message>
    <message>
        <source>Most points of the scene&apos;s cloud, spread over space.</source>
        <translation>场景点云的最大点数，在空间中均匀分布。</translation>
    </message>
    <message>
        <source>Without people</source>
        <translation>去除人物</translation>
    </message>
    <message>
        <source>Leaves the tracked people out of the scene&apos;s cloud: their bodies stand there instead.</source>
        <translation>场景点云中不含被跟踪的人物：由其人体代替。</translation>
    </message>
    <message>
        <source>Hardware decoding</source>
        <translation>硬件解码</translation>
    </message>
    <message>
        <source>Try the machine&apos;s video decoder first.</source>
        <translation>优先尝试本机的视频解码器。</translation>
    </message>
    <message>
        <source>Sharpen masks</source>
        <translation>锐化掩码</translation>
    </message>
    <message>
        <source>Mask edges follow the edges of the picture.</source>
        <translation>掩码边缘贴合画面边缘。</translation>
    </message>
    <message>
        <source>Hands</source>
        <translation>手部</translation>
    </message>
    <message>
        <source>Move the fingers where hands are large and clear enough.</source>
        <translation>在手部足够大且清晰处让手指运动。</translation>
    </message>
    <message>
        <source>Field of view</source>
        <translation>视场角</translation>
    </message>
    <message>
        <source>Field of view of the picture&apos;s longer side.</source>
        <translation>画面长边的视场角。</translation>
    </message>
    <message>
        <source>Detail of the field of view</source>
        <translation>视场角细节</translation>
    </message>
    <message>
        <source>Pieces that moge2 cuts a picture into; 1200 is three times faster.</source>
        <translation>moge2 将图像切分的块数；1200 时快三倍。</translation>
    </message>
    <message>
        <source>Bodies a second</source>
        <translation>每秒人体数</translation>
    </message>
    <message>
        <source>How many frames of a second are made a body of; those between are interpolated and count as not measured. 0: every frame.</source>
        <translation>每秒为多少帧生成人体；其间的帧为插值，视为未测量。0：每一帧。</translation>
    </message>
    <message>
        <source>Fit to silhouette</source>
        <translation>拟合轮廓</translation>
    </message>
    <message>
        <source>Find the build from the masks.</source>
        <translation>由掩码求取体型。</translation>
    </message>
    <message>
        <source>Fit iterations</source>
        <translation>拟合迭代</translation>
    </message>
    <message>
        <source>Most steps of the body fit.</source>
        <translation>人体拟合的最大步数。</translation>
    </message>
    <message>
        <source>Camera motion</source>
        <translation>相机运动</translation>
    </message>
    <message>
        <source>Whether the camera moved; auto measures it from the background.</source>
        <translation>相机是否移动；自动由背景测得。</translation>
    </message>
    <message>
        <source>Foot locking</source>
        <translation>足部锁定</translation>
    </message>
    <message>
        <source>Keep planted feet where they are.</source>
        <translation>让着地的脚保持不动。</translation>
    </message>
    <message>
        <source>GLB mesh</source>
        <translation>GLB 网格</translation>
    </message>
    <message>
        <source>Skeleton animation, or the exact mesh of every frame (large).</source>
        <translation>骨架动画，或每帧的精确网格（文件大）。</translation>
    </message>
    <message>
        <source>GLB influences</source>
        <translation>GLB 影响数</translation>
    </message>
    <message>
        <source>Joints that move a vertex; every viewer reads 4, Blender and few others read 8.</source>
        <translation>影响一个顶点的关节数；所有查看器都支持 4，Blender 等少数支持 8。</translation>
    </message>
    <message>
        <source>GLB end joints</source>
        <translation>GLB 末端关节</translation>
    </message>
    <message>
        <source>An end joint after every last joint, so that tools draw it at its length.</source>
        <translation>在每个末端关节后加一个端点，使软件按其长度绘制。</translation>
    </message>
    <message>
        <source>GLB ground</source>
        <translation>GLB 地面</translation>
    </message>
    <message>
        <source>A grid of lines on the ground.</source>
        <translation>地面上的线网格。</translation>
    </message>
    <message>
        <source>GLB camera</source>
        <translation>GLB 相机</translation>
    </message>
    <message>
        <source>The camera with its motion.</source>
        <translation>相机及其运动。</translation>
    </message>
    <message>
        <source>Rig</source>
        <translation>骨骼命名</translation>
    </message>
    <message>
        <source>Bone names in GLB and BVH.</source>
        <translation>GLB 和 BVH 中的骨骼名称。</translation>
    </message>
    <message>
        <source>Axes</source>
        <translation>坐标轴</translation>
    </message>
    <message>
        <source>Axes of PLY and OBJ.</source>
        <translation>PLY 和 OBJ 的坐标轴。</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>空间</translation>
    </message>
    <message>
        <source>PLY and OBJ in the gravity-aligned world or in the camera.</source>
        <translation>PLY 和 OBJ 位于重力对齐的世界坐标或相机坐标。</translation>
    </message>
    <message>
        <source>A file per person</source>
        <translation>每人一个文件</translation>
    </message>
    <message>
        <source>One GLB for each person.</source>
        <translation>每个人物一个 GLB。</translation>
    </message>
    <message>
        <source>Overlay bodies</source>
        <translation>叠加人体</translation>
    </message>
    <message>
        <source>Bodies over the overlay video.</source>
        <translation>在叠加视频上绘制人体。</translation>
    </message>
    <message>
        <source>Overlay opacity</source>
        <translation>叠加不透明度</translation>
    </message>
    <message>
        <source>Of measured bodies in the overlay video; completed ones are fainter.</source>
        <translation>叠加视频中已测量人体的不透明度；补全的更淡。</translation>
    </message>
    <message>
        <source>Overlay masks</source>
        <translation>叠加掩码</translation>
    </message>
    <message>
        <source>Masks with their outlines over the overlay video.</source>
        <translation>在叠加视频上绘制掩码及其轮廓。</translation>
    </message>
    <message>
        <source>Overlay skeleton</source>
        <translation>叠加骨架</translation>
    </message>
    <message>
        <source>Bones over the overlay video.</source>
        <translation>在叠加视频上绘制骨骼。</translation>
    </message>
    <message>
        <source>Overlay labels</source>
        <translation>叠加标签</translation>
    </message>
    <message>
        <source>Number and name above everybody in the overlay video.</source>
        <translation>在叠加视频中每个人物上方显示编号和名称。</translation>
    </message>
    <message>
        <source>Video quality</source>
        <translation>视频质量</translation>
    </message>
    <message>
        <source>Of the overlay video; lower is better.</source>
        <translation>叠加视频的质量；越低越好。</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>声音</translation>
    </message>
    <message>
        <source>Keep the video&apos;s sound in the overlay video.</source>
        <translation>在叠加视频中保留原视频声音。</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>Of engines that draw random numbers.</source>
        <translation>用于使用随机数的引擎。</translation>
    </message>
    <message>
        <source>Smoothing, root</source>
        <translation>平滑：根部</translation>
    </message>
    <message>
        <source>Smoothing, torso</source>
        <translation>平滑：躯干</translation>
    </message>
    <message>
        <source>Smoothing, arms</source>
        <translation>平滑：手臂</translation>
    </message>
    <message>
        <source>Smoothing, legs</source>
        <translation>平滑：腿部</translation>
    </message>
    <message>
        <source>Smoothing, head</source>
        <translation>平滑：头部</translation>
    </message>
    <message>
        <source>How strongly time smooths the root: 0 none, 1 usual, 4 strong.</source>
        <translation>根部的时间平滑强度：0 无，1 常规，4 强。</translation>
    </message>
    <message>
        <source>How strongly time smooths the torso: 0 none, 1 usual, 4 strong.</source>
        <translation>躯干的时间平滑强度：0 无，1 常规，4 强。</translation>
    </message>
    <message>
        <source>How strongly time smooths the arms: 0 none, 1 usual, 4 strong.</source>
        <translation>手臂的时间平滑强度：0 无，1 常规，4 强。</translation>
    </message>
    <message>
        <source>How strongly time smooths the legs: 0 none, 1 usual, 4 strong.</source>
        <translation>腿部的时间平滑强度：0 无，1 常规，4 强。</translation>
    </message>
    <message>
        <source>How strongly time smooths the head: 0 none, 1 usual, 4 strong.</source>
        <translation>头部的时间平滑强度：0 无，1 常规，4 强。</translation>
    </message>
    <message>
        <source>frames</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>points</source>
        <translation>点</translation>
    </message>
    <message>
        <source>GLB (animated skeleton)</source>
        <translation>GLB（骨架动画）</translation>
    </message>
    <message>
        <source>Everybody with skeleton, skin and camera in one glTF 2.0 file, for Blender, game engines and the web.</source>
        <translation>所有人物的骨架、蒙皮和相机存于一个 glTF 2.0 文件，适用于 Blender、游戏引擎和网页。</translation>
    </message>
    <message>
        <source>PLY (mesh per frame)</source>
        <translation>PLY（逐帧网格）</translation>
    </message>
    <message>
        <source>The mesh of every person and frame with normals and colours.</source>
        <translation>每个人物每一帧的网格，含法线和颜色。</translation>
    </message>
    <message>
        <source>npz (parameters and joints)</source>
        <translation>npz（参数和关节点）</translation>
    </message>
    <message>
        <source>Poses, joints, keypoints, shape and camera of every person as NumPy arrays.</source>
        <translation>每个人物的姿态、关节点、关键点、体型和相机，为 NumPy 数组。</translation>
    </message>
    <message>
        <source>MP4 (overlay)</source>
        <translation>MP4（叠加）</translation>
    </message>
    <message>
        <source>The video with the bodies drawn over it, with its sound.</source>
        <translation>叠加了人体的视频，保留声音。</translation>
    </message>
    <message>
        <source>PNG (masks)</source>
        <translation>PNG（掩码）</translation>
    </message>
    <message>
        <source>The mask of every person and frame at the video&apos;s size.</source>
        <translation>每个人物每一帧的掩码，与视频同尺寸。</translation>
    </message>
    <message>
        <source>COCO JSON</source>
        <translation>COCO JSON</translation>
    </message>
    <message>
        <source>Masks as run lengths, boxes and body points in COCO&apos;s layout.</source>
        <translation>COCO 格式的游程编码掩码、框和人体关键点。</translation>
    </message>
    <message>
        <source>OBJ (mesh per frame)</source>
        <translation>OBJ（逐帧网格）</translation>
    </message>
    <message>
        <source>The mesh of every person and frame as text, with materials.</source>
        <translation>每个人物每一帧的网格，文本格式，含材质。</translation>
    </message>
    <message>
        <source>BVH (motion)</source>
        <translation>BVH（动作）</translation>
    </message>
    <message>
        <source>The moving skeleton of every person, in centimetres.</source>
        <translation>每个人物的运动骨架，单位厘米。</translation>
    </message>
    <message>
        <source>CSV (joints and metrics)</source>
        <translation>CSV（关节点和指标）</translation>
    </message>
    <message>
        <source>Joint positions of every frame and quality figures as tables.</source>
        <translation>每帧关节点位置和质量指标的表格。</translation>
    </message>
    <message>
        <source>BlazePose tracker with masks (OpenVINO, CPU)</source>
        <translation>BlazePose 跟踪器，带掩码 (OpenVINO, CPU)</translation>
    </message>
    <message>
        <source>BlazePose tracker with masks (LibTorch, NVIDIA GPU or CPU)</source>
        <translation>BlazePose 跟踪器，带掩码 (LibTorch, NVIDIA GPU 或 CPU)</translation>
    </message>
    <message>
        <source>Hand landmarks (OpenVINO, CPU)</source>
        <translation>手部关键点 (OpenVINO, CPU)</translation>
    </message>
    <message>
        <source>Anny parametric body</source>
        <translation>Anny 参数化人体</translation>
    </message>
    <message>
        <source>Motion prior and silhouettes</source>
        <translation>运动先验与轮廓</translation>
    </message>
    <message>
        <source>SAM 3 tracker</source>
        <translation>SAM 3 跟踪器</translation>
    </message>
    <message>
        <source>EdgeTAM, a light tracker of masks</source>
        <translation>EdgeTAM，轻量掩码跟踪器</translation>
    </message>
    <message>
        <source>Depth Anything 3 small</source>
        <translation>Depth Anything 3 小型</translation>
    </message>
    <message>
        <source>Depth Anything 3 base</source>
        <translation>Depth Anything 3 基础</translation>
    </message>
    <message>
        <source>Depth Anything 3 large</source>
        <translation>Depth Anything 3 大型</translation>
    </message>
    <message>
        <source>Depth Anything 3 giant</source>
        <translation>Depth Anything 3 巨型</translation>
    </message>
    <message>
        <source>Depth Anything 3 metric, one picture at a time</source>
        <translation>Depth Anything 3 度量，逐张处理</translation>
    </message>
    <message>
        <source>Depth Anything 3 mono, one picture at a time</source>
        <translation>Depth Anything 3 单目，逐张处理</translation>
    </message>
    <message>
        <source>Depth Anything 3 nested, in metres</source>
        <translation>Depth Anything 3 嵌套，以米为单位</translation>
    </message>
    <message>
        <source>Apache-2.0; mesh CC0-1.0</source>
        <translation>Apache-2.0；网格 CC0-1.0</translation>
    </message>
    <message>
        <source>SAM License</source>
        <translation>SAM License</translation>
    </message>
    <message>
        <source>see its model card</source>
        <translation>见其模型说明</translation>
    </message>
    <message>
        <source>non-commercial; VGGT-1B-Commercial permits commercial use</source>
        <translation>非商业；VGGT-1B-Commercial 允许商业使用</translation>
    </message>
    <message>
        <source>built in</source>
        <translation>内置</translation>
    </message>
    <message>
        <source>PyPI package %1</source>
        <translation>PyPI 包 %1</translation>
    </message>
    <message>
        <source>It needs LibTorch: run packaging/setup.sh --torch on, or install the package body4d-torch.</source>
        <translation>需要 LibTorch：运行 packaging/setup.sh --torch on，或安装软件包 body4d-torch。</translation>
    </message>
    <message>
        <source>Put %1 into %2, or run packaging/setup.sh, which takes it out of the package.</source>
        <translation>将 %1 放入 %2，或运行 packaging/setup.sh 从软件包中取出。</translation>
    </message>
    <message>
        <source>Put %1 in place with body4d models add FILE.</source>
        <translation>用 body4d models add 文件 将 %1 放到位。</translation>
    </message>
    <message>
        <source>Put %1 in place with body4d models add FILE, or fetch it with body4d models get %2.</source>
        <translation>用 body4d models add 文件 将 %1 放到位，或用 body4d models get %2 下载。</translation>
    </message>
    <message>
        <source>This version of the program has no engine for it yet.</source>
        <translation>此版本的程序尚无对应的引擎。</translation>
    </message>
    <message>
        <source>Looking for people</source>
        <translation>查找人物</translation>
    </message>
    <message>
        <source>Checking the files</source>
        <translation>检查文件</translation>
    </message>
    <message>
        <source>Looking for hidden frames</source>
        <translation>查找被遮挡的帧</translation>
    </message>
    <message>
        <source>filling in what is hidden</source>
        <translation>补全被遮挡部分</translation>
    </message>
    <message>
        <source>Finding the ground</source>
        <translation>查找地面</translation>
    </message>
    <message>
        <source>Fitting bodies</source>
        <translation>拟合人体</translation>
    </message>
    <message>
        <source>Tracking</source>
        <translation>跟踪</translation>
    </message>
    <message>
        <source>Loading the scene&apos;s network</source>
        <translation>加载场景网络</translation>
    </message>
    <message>
        <source>waiting for the server</source>
        <translation>等待服务器</translation>
    </message>
    <message>
        <source>random weights</source>
        <translation>随机权重</translation>
    </message>
    <message>
        <source>frames %1 to %2 of %3</source>
        <translation>第 %1 至 %2 帧，共 %3 帧</translation>
    </message>
    <message>
        <source>This clip needs none.</source>
        <translation>此片段无需补全。</translation>
    </message>
    <message>
        <source>%1 frame is hidden and can be filled in.</source>
        <translation>有 %1 帧被遮挡，可以补全。</translation>
    </message>
    <message>
        <source>%1 frames are hidden and can be filled in.</source>
        <translation>有 %1 帧被遮挡，可以补全。</translation>
    </message>
    <message>
        <source>%1 frame is hidden, %2 filled in.</source>
        <translation>有 %1 帧被遮挡，已补全 %2 帧。</translation>
    </message>
    <message>
        <source>%1 frames are hidden, %2 filled in.</source>
        <translation>有 %1 帧被遮挡，已补全 %2 帧。</translation>
    </message>
    <message>
        <source>1 person was found.</source>
        <translation>找到 1 个人物。</translation>
    </message>
    <message>
        <source>%1 people were found.</source>
        <translation>找到 %1 个人物。</translation>
    </message>
    <message>
        <source>Click the person, or draw a box around them.</source>
        <translation>请点击人物，或框选人物。</translation>
    </message>
    <message>
        <source>%1 finds nothing at this place.</source>
        <translation>%1 在此处未找到任何内容。</translation>
    </message>
    <message>
        <source>The click lies outside the picture.</source>
        <translation>点击位于画面之外。</translation>
    </message>
    <message>
        <source>There is no click on a person on this frame.</source>
        <translation>此帧上没有对人物的点击。</translation>
    </message>
    <message>
        <source>%1: Nothing hides this person: the clip needs no completion.</source>
        <translation>%1：此人物未被遮挡：片段无需补全。</translation>
    </message>
    <message>
        <source>%1: This person was never seen well enough to fill anything in.</source>
        <translation>%1：此人物始终不够清晰，无法补全。</translation>
    </message>
    <message>
        <source>%1: Hidden in %2 of %3 frames (%4 stretch), all of them filled in.</source>
        <translation>%1：%3 帧中有 %2 帧被遮挡（%4 段），均已补全。</translation>
    </message>
    <message>
        <source>%1: Hidden in %2 of %3 frames (%4 stretches), all of them filled in.</source>
        <translation>%1：%3 帧中有 %2 帧被遮挡（%4 段），均已补全。</translation>
    </message>
    <message>
        <source>%1: Hidden in %2 of %3 frames (%4 stretch), %5 of them filled in.</source>
        <translation>%1：%3 帧中有 %2 帧被遮挡（%4 段），其中 %5 帧已补全。</translation>
    </message>
    <message>
        <source>%1: Hidden in %2 of %3 frames (%4 stretches), %5 of them filled in.</source>
        <translation>%1：%3 帧中有 %2 帧被遮挡（%4 段），其中 %5 帧已补全。</translation>
    </message>
    <message>
        <source>Internal error: this should not have happened.</source>
        <translation>内部错误：这不应该发生。</translation>
    </message>
    <message>
        <source>Your work is saved; try again, and send the details if it comes back.</source>
        <translation>您的工作已保存；请重试，若再次出现请发送详情。</translation>
    </message>
    <message>
        <source>%1 is damaged.</source>
        <translation>%1 已损坏。</translation>
    </message>
    <message>
        <source>Run or import it again.</source>
        <translation>请重新运行或导入。</translation>
    </message>
    <message>
        <source>Delete it and run again.</source>
        <translation>请删除后重新运行。</translation>
    </message>
    <message>
        <source>Cannot write %1: %2.</source>
        <translation>无法写入 %1：%2。</translation>
    </message>
    <message>
        <source>Cannot read %1: %2.</source>
        <translation>无法读取 %1：%2。</translation>
    </message>
    <message>
        <source>Check the path and its permissions.</source>
        <translation>请检查路径及其权限。</translation>
    </message>
    <message>
        <source>Check the path.</source>
        <translation>请检查路径。</translation>
    </message>
    <message>
        <source>Check its permissions.</source>
        <translation>请检查其权限。</translation>
    </message>
    <message>
        <source>Check the path and the spelling.</source>
        <translation>请检查路径和拼写。</translation>
    </message>
    <message>
        <source>Not enough memory, even for one frame at a time.</source>
        <translation>内存不足，连逐帧处理也不够。</translation>
    </message>
    <message>
        <source>Close other programs, raise the memory budget, or use a video of lower resolution.</source>
        <translation>请关闭其他程序、提高内存预算，或使用较低分辨率的视频。</translation>
    </message>
    <message>
        <source>Nobody was found in this video.</source>
        <translation>此视频中未找到人物。</translation>
    </message>
    <message>
        <source>Click a person yourself: --click FRAME:X,Y, or a click in the window.</source>
        <translation>请自行点击人物：在窗口中点击，或使用 --click FRAME:X,Y。</translation>
    </message>
    <message>
        <source>None of the selected people was found in the video.</source>
        <translation>视频中未找到任何所选人物。</translation>
    </message>
    <message>
        <source>Click the middle of a person who is clearly visible.</source>
        <translation>请点击清晰可见人物的中部。</translation>
    </message>
    <message>
        <source>Nobody was found where this target was clicked. Click the middle of the person.</source>
        <translation>点击处未找到人物。请点击人物中部。</translation>
    </message>
    <message>
        <source>The project has no bodies to export yet.</source>
        <translation>项目中还没有可导出的人体。</translation>
    </message>
    <message>
        <source>Cannot write to the project: %1.</source>
        <translation>无法写入项目：%1。</translation>
    </message>
    <message>
        <source>Copy the project folder to a place where you may write, or open it read-only.</source>
        <translation>请将项目文件夹复制到可写的位置，或以只读方式打开。</translation>
    </message>
    <message>
        <source>The project is open in another window or job.</source>
        <translation>项目已在另一个窗口或任务中打开。</translation>
    </message>
    <message>
        <source>Wait until that one is done or close it, or open the project read-only.</source>
        <translation>请等待其完成或将其关闭，或以只读方式打开项目。</translation>
    </message>
    <message>
        <source>%1 already holds a project.</source>
        <translation>%1 中已有项目。</translation>
    </message>
    <message>
        <source>Open that project, or choose another name or folder.</source>
        <translation>请打开该项目，或选择其他名称或文件夹。</translation>
    </message>
    <message>
        <source>%1 exists and is no project.</source>
        <translation>%1 已存在且不是项目。</translation>
    </message>
    <message>
        <source>Choose another name or folder.</source>
        <translation>请选择其他名称或文件夹。</translation>
    </message>
    <message>
        <source>Cannot create %1: %2.</source>
        <translation>无法创建 %1：%2。</translation>
    </message>
    <message>
        <source>Check that the folder above exists and may be written to, or choose another one.</source>
        <translation>请检查上级文件夹是否存在且可写，或选择其他文件夹。</translation>
    </message>
    <message>
        <source>There is no project %1.</source>
        <translation>没有项目 %1。</translation>
    </message>
    <message>
        <source>Check the path; a project is a folder that ends in .body4d.</source>
        <translation>请检查路径；项目是以 .body4d 结尾的文件夹。</translation>
    </message>
    <message>
        <source>%1 is no project: it has no project.yaml.</source>
        <translation>%1 不是项目：其中没有 project.yaml。</translation>
    </message>
    <message>
        <source>Choose a folder that ends in .body4d, or create a project from a video.</source>
        <translation>请选择以 .body4d 结尾的文件夹，或从视频创建项目。</translation>
    </message>
    <message>
        <source>The project is open for reading only.</source>
        <translation>项目以只读方式打开。</translation>
    </message>
    <message>
        <source>Close the program that writes it, then open it again.</source>
        <translation>请关闭正在写入的程序，然后重新打开。</translation>
    </message>
    <message>
        <source>The weights of %1 are not here.</source>
        <translation>此处没有 %1 的权重。</translation>
    </message>
    <message>
        <source>There is no file or folder &apos;%1&apos;.</source>
        <translation>没有文件或文件夹“%1”。</translation>
    </message>
    <message>
        <source>The file &apos;%1&apos; is empty.</source>
        <translation>文件“%1”为空。</translation>
    </message>
    <message>
        <source>Copy or download it again.</source>
        <translation>请重新复制或下载。</translation>
    </message>
    <message>
        <source>The file &apos;%1&apos; cannot be read.</source>
        <translation>无法读取文件“%1”。</translation>
    </message>
    <message>
        <source>The video %1 is cut off: its table of contents (moov) is missing.</source>
        <translation>视频 %1 不完整：缺少其目录 (moov)。</translation>
    </message>
    <message>
        <source>Copy or record it again, or restore it with a repair tool such as untrunc.</source>
        <translation>请重新复制或录制，或用 untrunc 等修复工具恢复。</translation>
    </message>
    <message>
        <source>The file %1 is text, not a video or an image.</source>
        <translation>文件 %1 是文本，不是视频或图像。</translation>
    </message>
    <message>
        <source>Choose a video file, an image, or a folder of images.</source>
        <translation>请选择视频文件、图像或图像文件夹。</translation>
    </message>
    <message>
        <source>The file %1 is damaged or of a kind that FFmpeg cannot read.</source>
        <translation>文件 %1 已损坏，或其格式 FFmpeg 无法读取。</translation>
    </message>
    <message>
        <source>Play it in another program to see whether it is whole, or convert it: ffmpeg -i IN OUT.mp4</source>
        <translation>请用其他程序播放以确认是否完整，或转换格式：ffmpeg -i IN OUT.mp4</translation>
    </message>
    <message>
        <source>No frame of the video %1 can be decoded.</source>
        <translation>视频 %1 的任何帧都无法解码。</translation>
    </message>
    <message>
        <source>The file is damaged: copy or download it again.</source>
        <translation>文件已损坏：请重新复制或下载。</translation>
    </message>
    <message>
        <source>Frame %1 of the video %2 cannot be decoded.</source>
        <translation>视频 %2 的第 %1 帧无法解码。</translation>
    </message>
    <message>
        <source>Leave the damaged part out with a frame range, or copy the file again.</source>
        <translation>请用帧范围跳过损坏部分，或重新复制文件。</translation>
    </message>
    <message>
        <source>The image &apos;%1&apos; has no pixels that can be read.</source>
        <translation>图像“%1”没有可读取的像素。</translation>
    </message>
    <message>
        <source>The file is damaged or empty: choose another one, or save it again as PNG or JPEG.</source>
        <translation>文件已损坏或为空：请选择其他文件，或重新存为 PNG 或 JPEG。</translation>
    </message>
    <message>
        <source>The folder &apos;%1&apos; cannot be read.</source>
        <translation>无法读取文件夹“%1”。</translation>
    </message>
    <message>
        <source>The folder &apos;%1&apos; holds no images.</source>
        <translation>文件夹“%1”中没有图像。</translation>
    </message>
    <message>
        <source>Choose a folder with PNG or JPEG files, or a video file.</source>
        <translation>请选择含 PNG 或 JPEG 文件的文件夹，或视频文件。</translation>
    </message>
    <message>
        <source>The file &apos;%1&apos; holds sound but no picture.</source>
        <translation>文件“%1”只有声音，没有画面。</translation>
    </message>
    <message>
        <source>Choose a file with a video track.</source>
        <translation>请选择带有视频轨道的文件。</translation>
    </message>
    <message>
        <source>The disk is full: the video %1 cannot be written.</source>
        <translation>磁盘已满：无法写入视频 %1。</translation>
    </message>
    <message>
        <source>Free some space or choose another folder.</source>
        <translation>请释放空间或选择其他文件夹。</translation>
    </message>
    <message>
        <source>The video %1 cannot be written into this folder.</source>
        <translation>无法将视频 %1 写入此文件夹。</translation>
    </message>
    <message>
        <source>Choose a folder that you may write to.</source>
        <translation>请选择可写的文件夹。</translation>
    </message>
    <message>
        <source>The video %1 cannot be written.</source>
        <translation>无法写入视频 %1。</translation>
    </message>
    <message>
        <source>See the details.</source>
        <translation>请查看详情。</translation>
    </message>
    <message>
        <source>%1 is another video than the one of this project.</source>
        <translation>%1 与此项目的视频不同。</translation>
    </message>
    <message>
        <source>Choose the file that the project was made with; its name may have changed, its content not.</source>
        <translation>请选择创建项目时使用的文件；名称可以改变，内容不能。</translation>
    </message>
    <message>
        <source>The folder %1 already exists and is not empty.</source>
        <translation>文件夹 %1 已存在且不为空。</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>请选择其他名称。</translation>
    </message>
    <message>
        <source>The project could not be saved at %1.</source>
        <translation>无法将项目保存到 %1。</translation>
    </message>
    <message>
        <source>Choose a folder that you may write to, with enough free space.</source>
        <translation>请选择可写且空间充足的文件夹。</translation>
    </message>
    <message>
        <source>%1 is not a picture.</source>
        <translation>%1 不是图片。</translation>
    </message>
    <message>
        <source>Remove it from the folder or replace it.</source>
        <translation>请从文件夹中移除或替换。</translation>
    </message>
    <message>
        <source>No masks were found in %1.</source>
        <translation>在 %1 中未找到掩码。</translation>
    </message>
    <message>
        <source>Choose a folder of PNG files named by frame number, a folder of such folders, or a COCO file.</source>
        <translation>请选择以帧号命名的 PNG 文件夹、包含此类文件夹的文件夹，或 COCO 文件。</translation>
    </message>
    <message>
        <source>%1 is no project.</source>
        <translation>%1 不是项目。</translation>
    </message>
    <message>
        <source>Choose a folder that ends in .body4d.</source>
        <translation>请选择以 .body4d 结尾的文件夹。</translation>
    </message>
    <message>
        <source>%1 is about another video.</source>
        <translation>%1 属于另一个视频。</translation>
    </message>
    <message>
        <source>Choose a project of %1.</source>
        <translation>请选择 %1 的项目。</translation>
    </message>
    <message>
        <source>%1 has no bodies of these people.</source>
        <translation>%1 中没有这些人物的人体。</translation>
    </message>
    <message>
        <source>Run it first, and give the people the same names.</source>
        <translation>请先运行，并为人物取相同的名称。</translation>
    </message>
    <message>
        <source>%1 cannot be shown: its description or its data is damaged.</source>
        <translation>无法显示 %1：其描述或数据已损坏。</translation>
    </message>
    <message>
        <source>Write the file again, or take another one.</source>
        <translation>请重新写入文件，或换一个文件。</translation>
    </message>
    <message>
        <source>%1 is not a sound checkpoint: %2.</source>
        <translation>%1 不是完好的检查点：%2。</translation>
    </message>
    <message>
        <source>Get the official file again; body4d models names its source.</source>
        <translation>请重新获取官方文件；body4d models 会列出来源。</translation>
    </message>
    <message>
        <source>Person %1</source>
        <translation>人物 %1</translation>
    </message>
    <message>
        <source>%1 was not found in any frame.</source>
        <translation>在任何帧中都未找到 %1。</translation>
    </message>
    <message>
        <source>Saved tracks of this project are damaged. They are tracked again.</source>
        <translation>此项目中保存的轨迹已损坏，将重新跟踪。</translation>
    </message>
    <message>
        <source>PLY point cloud</source>
        <translation>PLY 点云</translation>
    </message>
    <message>
        <source>PLY mesh</source>
        <translation>PLY 网格</translation>
    </message>
    <message>
        <source>OBJ points</source>
        <translation>OBJ 点</translation>
    </message>
    <message>
        <source>OBJ mesh</source>
        <translation>OBJ 网格</translation>
    </message>
    <message>
        <source>GLB point cloud</source>
        <translation>GLB 点云</translation>
    </message>
    <message>
        <source>SAM 3D Body result</source>
        <translation>SAM 3D Body 结果</translation>
    </message>
    <message>
        <source>depth maps with cameras</source>
        <translation>含相机的深度图</translation>
    </message>
    <message>
        <source>npz point cloud</source>
        <translation>npz 点云</translation>
    </message>
    <message>
        <source>point maps</source>
        <translation>点图</translation>
    </message>
    <message>
        <source>meshes by frame</source>
        <translation>逐帧网格</translation>
    </message>
    <message>
        <source>COLMAP model</source>
        <translation>COLMAP 模型</translation>
    </message>
    <message>
        <source>turned upright by its cameras</source>
        <translation>已按其相机摆正</translation>
    </message>
    <message>
        <source>lifted onto the floor</source>
        <translation>已抬到地面上</translation>
    </message>
    <message>
        <source>turned upright by its cameras, lifted onto the floor</source>
        <translation>已按其相机摆正，并抬到地面上</translation>
    </message>
    <message>
        <source>It has no PLY header.</source>
        <translation>没有 PLY 文件头。</translation>
    </message>
    <message>
        <source>Its length is not that of its vertices and faces.</source>
        <translation>文件长度与顶点和面不符。</translation>
    </message>
    <message>
        <source>A face names a vertex that is not there.</source>
        <translation>某个面引用了不存在的顶点。</translation>
    </message>
    <message>
        <source>A file says that it is of a frame that was not exported.</source>
        <translation>某个文件声称属于未导出的帧。</translation>
    </message>
    <message>
        <source>A mesh has not as many vertices and faces as the body.</source>
        <translation>某个网格的顶点数和面数与人体不符。</translation>
    </message>
    <message>
        <source>It has not one row for each exported frame.</source>
        <translation>并非每个导出的帧都有一行。</translation>
    </message>
    <message>
        <source>A row of the motion is not whole.</source>
        <translation>动作数据中有一行不完整。</translation>
    </message>
    <message>
        <source>It has not one row for each frame with a body.</source>
        <translation>并非每个有人体的帧都有一行。</translation>
    </message>
    <message>
        <source>A box reaches beyond the picture.</source>
        <translation>有框超出画面。</translation>
    </message>
    <message>
        <source>A mask has not the size of the video.</source>
        <translation>有掩码与视频尺寸不符。</translation>
    </message>
    <message>
        <source>It has not as many pictures as frames were exported.</source>
        <translation>画面数与导出的帧数不符。</translation>
    </message>
    <message>
        <source>The file is cut off.</source>
        <translation>文件不完整。</translation>
    </message>
    <message>
        <source>It is no binary glTF 2.0.</source>
        <translation>不是二进制 glTF 2.0。</translation>
    </message>
    <message>
        <source>The length in the header is not the file&apos;s.</source>
        <translation>文件头中的长度与文件不符。</translation>
    </message>
    <message>
        <source>A channel of the animation has no keys.</source>
        <translation>动画的某个通道没有关键帧。</translation>
    </message>
    <message>
        <source>Key times of the animation do not rise.</source>
        <translation>动画的关键帧时间不是递增的。</translation>
    </message>
    <message>
        <source>There is a number that is none (NaN or infinite).</source>
        <translation>存在无效数值（NaN 或无穷大）。</translation>
    </message>
    <message>
        <source>Skin weights do not sum to 1.</source>
        <translation>蒙皮权重之和不为 1。</translation>
    </message>
    <message>
        <source>The mesh has not as many vertices as the body.</source>
        <translation>网格的顶点数与人体不符。</translation>
    </message>
    <message>
        <source>The clip is not as long as the exported frames.</source>
        <translation>片段长度与导出的帧不符。</translation>
    </message>
    <message>
        <source>There is no animation.</source>
        <translation>没有动画。</translation>
    </message>
    <message>
        <source>The camera seems to travel, not only to turn. Its travel is not measured: people&apos;s paths in the world contain it.</source>
        <translation>相机似乎在移动，而不仅是转动。其移动未被测量：人物在世界中的路径包含了它。</translation>
    </message>
    <message>
        <source>MHR level of detail</source>
        <translation>MHR 细节层级</translation>
    </message>
    <message>
        <source>lod1_to_lodK_mapping.npz of MHR&apos;s release: exports of its bodies have that level&apos;s mesh; empty: the first.</source>
        <translation>MHR 发布包中的 lod1_to_lodK_mapping.npz：导出的人体使用该层级的网格；留空：第一级。</translation>
    </message>
    <message>
        <source>Mesh of that level</source>
        <translation>该层级的网格</translation>
    </message>
    <message>
        <source>The level&apos;s mesh as .ply, for its triangles.</source>
        <translation>该层级的网格（.ply），用于取得三角形。</translation>
    </message>
</context>
</TS>
