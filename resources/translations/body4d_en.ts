<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>QObject</name>
    <message numerus="yes">
        <source>, %n cameras</source>
        <translation>
            <numerusform>, %n camera</numerusform>
            <numerusform>, %n cameras</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>, %n frames</source>
        <translation>
            <numerusform>, %n frame</numerusform>
            <numerusform>, %n frames</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>body4d::ui::CameraDialog</name>
    <message numerus="yes">
        <source>%1   %n frames   %2</source>
        <translation>
            <numerusform>%1   %n frame   %2</numerusform>
            <numerusform>%1   %n frames   %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n frames dropped: choose a smaller size or a faster disk.</source>
        <translation>
            <numerusform>%n frame dropped: choose a smaller size or a faster disk.</numerusform>
            <numerusform>%n frames dropped: choose a smaller size or a faster disk.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n frames were dropped.</source>
        <translation>
            <numerusform>%n frame was dropped.</numerusform>
            <numerusform>%n frames were dropped.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>body4d::ui::ExportReport</name>
    <message numerus="yes">
        <source>%n files were written and read again: all are sound.</source>
        <translation>
            <numerusform>%n file was written and read again: it is sound.</numerusform>
            <numerusform>%n files were written and read again: all are sound.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n files were written; something is wrong with some.</source>
        <translation>
            <numerusform>%n file was written; something is wrong with it.</numerusform>
            <numerusform>%n files were written; something is wrong with some.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>body4d::ui::GaugePanel</name>
    <message numerus="yes">
        <source>%1: CPU, %n cores, load %2 %</source>
        <translation>
            <numerusform>%1: CPU, %n core, load %2 %</numerusform>
            <numerusform>%1: CPU, %n cores, load %2 %</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>body4d::ui::GuideDialog</name>
    <message numerus="yes">
        <source>%1, %n cores, %2 of memory. %3</source>
        <translation>
            <numerusform>%1, %n core, %2 of memory. %3</numerusform>
            <numerusform>%1, %n cores, %2 of memory. %3</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>body4d::ui::MainWindow</name>
    <message numerus="yes">
        <source>CPU, %n cores</source>
        <translation>
            <numerusform>CPU, %n core</numerusform>
            <numerusform>CPU, %n cores</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n people imported</source>
        <translation>
            <numerusform>%n person imported</numerusform>
            <numerusform>%n people imported</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n files were written.</source>
        <translation>
            <numerusform>%n file was written.</numerusform>
            <numerusform>%n files were written.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Frame %1: %2, %n camera keys in all</source>
        <translation>
            <numerusform>Frame %1: %2, %n camera key in all</numerusform>
            <numerusform>Frame %1: %2, %n camera keys in all</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n frames</source>
        <translation>
            <numerusform>%n frame</numerusform>
            <numerusform>%n frames</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n people found</source>
        <translation>
            <numerusform>%n person found</numerusform>
            <numerusform>%n people found</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Update: %n stale</source>
        <translation>
            <numerusform>Update: %n stale</numerusform>
            <numerusform>Update: %n stale</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>body4d::ui::ProjectController</name>
    <message numerus="yes">
        <source>Add %n people</source>
        <translation>
            <numerusform>Add %n person</numerusform>
            <numerusform>Add %n people</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>body4d::ui::StageRow</name>
    <message numerus="yes">
        <source>%n frames; %1</source>
        <translation>
            <numerusform>%n frame; %1</numerusform>
            <numerusform>%n frames; %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n frames of people; %1</source>
        <translation>
            <numerusform>%n frame of people; %1</numerusform>
            <numerusform>%n frames of people; %1</numerusform>
        </translation>
    </message>
</context>
</TS>
