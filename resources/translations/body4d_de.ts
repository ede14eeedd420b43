<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>QAbstractSpinBox</name>
    <message>
        <source>&amp;Select All</source>
        <translation>&amp;Alles auswählen</translation>
    </message>
    <message>
        <source>&amp;Step up</source>
        <translation>&amp;Erhöhen</translation>
    </message>
    <message>
        <source>Step &amp;down</source>
        <translation>&amp;Verringern</translation>
    </message>
</context>
<context>
    <name>QCheckBox</name>
    <message>
        <source>On</source>
        <translation>An</translation>
    </message>
</context>
<context>
    <name>QComboBox</name>
    <message>
        <source>glTF: y up</source>
        <translation>glTF: y nach oben</translation>
    </message>
    <message>
        <source>OpenCV: y down</source>
        <translation>OpenCV: y nach unten</translation>
    </message>
    <message>
        <source>Blender: z up</source>
        <translation>Blender: z nach oben</translation>
    </message>
    <message>
        <source>The body&apos;s own bones</source>
        <translation>Eigene Knochen</translation>
    </message>
    <message>
        <source>Mixamo names</source>
        <translation>Namen von Mixamo</translation>
    </message>
    <message>
        <source>Skeleton and skin</source>
        <translation>Skelett und Haut</translation>
    </message>
    <message>
        <source>Exact, every frame</source>
        <translation>Exakt, jedes Bild</translation>
    </message>
    <message>
        <source>As given</source>
        <translation>Wie angegeben</translation>
    </message>
    <message>
        <source>MoGe-2</source>
        <translation>MoGe-2</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>Static</source>
        <translation>Unbewegt</translation>
    </message>
    <message>
        <source>Moving</source>
        <translation>Bewegt</translation>
    </message>
    <message>
        <source>World</source>
        <translation>Welt</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
</context>
<context>
    <name>QDockWidget</name>
    <message>
        <source>Closes the dock widget</source>
        <translation>Schließt das Bedienfeld</translation>
    </message>
    <message>
        <source>Undocks and re-attaches the dock widget</source>
        <translation>Löst das Bedienfeld oder heftet es wieder an</translation>
    </message>
    <message>
        <source>Close</source>
        <comment>Accessible name for button closing a dock widget</comment>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Float</source>
        <comment>Accessible name for button undocking a dock widget (floating state)</comment>
        <translation>Lösen</translation>
    </message>
</context>
<context>
    <name>QKeySequenceEdit</name>
    <message>
        <source>Press shortcut</source>
        <translation>Tastenkürzel drücken</translation>
    </message>
</context>
<context>
    <name>QLineEdit</name>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>Wieder&amp;herstellen</translation>
    </message>
    <message>
        <source>Cu&amp;t</source>
        <translation>&amp;Ausschneiden</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>&amp;Paste</source>
        <translation>Einf&amp;ügen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Select All</source>
        <translation>Alles auswählen</translation>
    </message>
</context>
<context>
    <name>QObject</name>
    <message>
        <source>scale from bodies ± %1 %</source>
        <translation>Maßstab aus Körpern ± %L1 %</translation>
    </message>
    <message>
        <source>no scale: no body is seen in it</source>
        <translation>ohne Maßstab: kein Körper ist darin zu sehen</translation>
    </message>
    <message>
        <source>place: %1</source>
        <translation>Umgebung: %1</translation>
    </message>
    <message>
        <source>%1: %L2 points, %L3 triangles, %4 × %5 × %6 m</source>
        <translation>%1: %L2 Punkte, %L3 Dreiecke, %L4 × %L5 × %L6 m</translation>
    </message>
    <message numerus="yes">
        <source>, %n cameras</source>
        <translation>
            <numerusform>, %n Kamera</numerusform>
            <numerusform>, %n Kameras</numerusform>
        </translation>
    </message>
    <message>
        <source>, %1 s of motion</source>
        <translation>, %L1 s Bewegung</translation>
    </message>
    <message numerus="yes">
        <source>, %n frames</source>
        <translation>
            <numerusform>, %n Bild</numerusform>
            <numerusform>, %n Bilder</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>QPlatformTheme</name>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Save All</source>
        <translation>Alles speichern</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>&amp;Yes</source>
        <translation>&amp;Ja</translation>
    </message>
    <message>
        <source>&amp;No</source>
        <translation>&amp;Nein</translation>
    </message>
    <message>
        <source>Abort</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Ignore</source>
        <translation>Ignorieren</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Anwenden</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
</context>
<context>
    <name>QShortcut</name>
    <message>
        <source>Ctrl</source>
        <translation>Strg</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>Umschalt</translation>
    </message>
    <message>
        <source>Alt</source>
        <translation>Alt</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Leertaste</translation>
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
        <translation>Rücktaste</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Eingabe (Ziffernblock)</translation>
    </message>
    <message>
        <source>Ins</source>
        <translation>Einfg</translation>
    </message>
    <message>
        <source>Del</source>
        <translation>Entf</translation>
    </message>
    <message>
        <source>Home</source>
        <translation>Pos1</translation>
    </message>
    <message>
        <source>End</source>
        <translation>Ende</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>Links</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>Hoch</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Rechts</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Runter</translation>
    </message>
    <message>
        <source>PgUp</source>
        <translation>Bild auf</translation>
    </message>
    <message>
        <source>PgDown</source>
        <translation>Bild ab</translation>
    </message>
</context>
<context>
    <name>QWidgetTextControl</name>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>Copy &amp;Link Location</source>
        <translation>&amp;Linkadresse kopieren</translation>
    </message>
    <message>
        <source>Select All</source>
        <translation>Alles auswählen</translation>
    </message>
</context>
<context>
    <name>body4d::ui::AxisGizmo</name>
    <message>
        <source>View direction</source>
        <translation>Blickrichtung</translation>
    </message>
    <message>
        <source>Click an axis to look along it
Front 1 · Right 3 · Top 7 on the number pad</source>
        <translation>Klick auf eine Achse blickt an ihr entlang
Vorn 1 · Rechts 3 · Oben 7 auf dem Ziffernblock</translation>
    </message>
</context>
<context>
    <name>body4d::ui::CameraDialog</name>
    <message>
        <source>%1 × %2, %3 fps</source>
        <translation>%1 × %2, %L3 fps</translation>
    </message>
    <message>
        <source>Record with a camera</source>
        <translation>Mit einer Kamera aufnehmen</translation>
    </message>
    <message>
        <source>Open it</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Looking for cameras …</source>
        <translation>Kameras werden gesucht …</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Size and rate</source>
        <translation>Größe und Bildrate</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>Spiegeln</translation>
    </message>
    <message>
        <source>Shows you as in a mirror; the recording stays as the camera sees it</source>
        <translation>Zeigt Sie wie im Spiegel; die Aufnahme bleibt, wie die Kamera sie sieht</translation>
    </message>
    <message>
        <source>Find people</source>
        <translation>Personen finden</translation>
    </message>
    <message>
        <source>Shows who is found in the picture, so that you see whether everybody is in it; rests while it records</source>
        <translation>Zeigt, wer im Bild gefunden wird, damit zu sehen ist, ob alle darin sind; ruht während der Aufnahme</translation>
    </message>
    <message>
        <source>Other folder…</source>
        <translation>Anderer Ordner…</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Aufnehmen</translation>
    </message>
    <message>
        <source>Space begins and ends a recording; it then opens as the video</source>
        <translation>Die Leertaste beginnt und beendet eine Aufnahme; danach öffnet sie sich als Video</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>A recording was cut off when the program ended: %1</source>
        <translation>Eine Aufnahme wurde abgeschnitten, als das Programm endete: %1</translation>
    </message>
    <message>
        <source>No camera</source>
        <translation>Keine Kamera</translation>
    </message>
    <message>
        <source>Opening %1 …</source>
        <translation>%1 wird geöffnet …</translation>
    </message>
    <message>
        <source>The camera&apos;s own size</source>
        <translation>Eigene Größe der Kamera</translation>
    </message>
    <message numerus="yes">
        <source>%1   %n frames   %2</source>
        <translation>
            <numerusform>%1   %n Bild   %2</numerusform>
            <numerusform>%1   %n Bilder   %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n frames dropped: choose a smaller size or a faster disk.</source>
        <translation>
            <numerusform>%n Bild verloren: kleinere Größe oder schnelleren Datenträger wählen.</numerusform>
            <numerusform>%n Bilder verloren: kleinere Größe oder schnelleren Datenträger wählen.</numerusform>
        </translation>
    </message>
    <message>
        <source>Starting …</source>
        <translation>Startet …</translation>
    </message>
    <message>
        <source>Finishing the recording …</source>
        <translation>Aufnahme wird abgeschlossen …</translation>
    </message>
    <message>
        <source>%1 × %2 at %3 fps</source>
        <translation>%1 × %2 mit %L3 fps</translation>
    </message>
    <message>
        <source>%1 × %2</source>
        <translation>%1 × %2</translation>
    </message>
    <message>
        <source>people in sight: %1</source>
        <translation>Personen im Bild: %1</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message numerus="yes">
        <source>%n frames were dropped.</source>
        <translation>
            <numerusform>%n Bild ging verloren.</numerusform>
            <numerusform>%n Bilder gingen verloren.</numerusform>
        </translation>
    </message>
    <message>
        <source>Folder for recordings</source>
        <translation>Ordner für Aufnahmen</translation>
    </message>
    <message>
        <source>Saved in %1, pictures without sound</source>
        <translation>Gespeichert in %1, Bilder ohne Ton</translation>
    </message>
</context>
<context>
    <name>body4d::ui::CameraView</name>
    <message>
        <source>Picture of the camera</source>
        <translation>Bild der Kamera</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ColourBar</name>
    <message>
        <source>Colour scale</source>
        <translation>Farbskala</translation>
    </message>
    <message>
        <source>Click for another scale</source>
        <translation>Klicken für eine andere Skala</translation>
    </message>
</context>
<context>
    <name>body4d::ui::CommandPalette</name>
    <message>
        <source>Command palette</source>
        <translation>Befehlspalette</translation>
    </message>
    <message>
        <source>Type a command</source>
        <translation>Befehl eingeben</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>Befehle</translation>
    </message>
</context>
<context>
    <name>body4d::ui::EmptyState</name>
    <message>
        <source>Drop a video here to turn the people in it into moving 3D bodies.</source>
        <translation>Ein Video hier ablegen: Aus den Menschen darin werden bewegte 3D-Körper.</translation>
    </message>
    <message>
        <source>Open a video…</source>
        <translation>Video öffnen…</translation>
    </message>
    <message>
        <source>or try the sample clip</source>
        <translation>oder den Beispielclip ausprobieren</translation>
    </message>
    <message>
        <source>Everything happens on this machine. MP4, MOV, MKV, AVI, WebM, image folders and projects open.</source>
        <translation>Alles geschieht auf diesem Rechner. Geöffnet werden MP4, MOV, MKV, AVI, WebM, Bildordner und Projekte.</translation>
    </message>
    <message>
        <source>Open a video</source>
        <translation>Video öffnen</translation>
    </message>
    <message>
        <source>Click a person</source>
        <translation>Person wählen</translation>
    </message>
    <message>
        <source>Run (F5)</source>
        <translation>Berechnen (F5)</translation>
    </message>
    <message>
        <source>Open %1</source>
        <translation>%1 öffnen</translation>
    </message>
    <message>
        <source>%1 (not there now)</source>
        <translation>%1 (zurzeit nicht vorhanden)</translation>
    </message>
    <message>
        <source>Kept on top</source>
        <translation>Oben angeheftet</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>Lösen</translation>
    </message>
    <message>
        <source>Keep on top</source>
        <translation>Oben anheften</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>or record with a camera</source>
        <translation>oder mit einer Kamera aufnehmen</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ErrorBar</name>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Details of the problem</source>
        <translation>Details zum Problem</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ExportDialog</name>
    <message>
        <source>Game, web</source>
        <translation>Spiel, Web</translation>
    </message>
    <message>
        <source>One GLB: everybody with skeleton and skin, opens everywhere</source>
        <translation>Ein GLB: alle mit Skelett und Haut, lässt sich überall öffnen</translation>
    </message>
    <message>
        <source>Exact</source>
        <translation>Exakt</translation>
    </message>
    <message>
        <source>GLB with the exact mesh of every frame: no error, large</source>
        <translation>GLB mit dem exakten Mesh jedes Bildes: ohne Abweichung, groß</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>A mesh file for every person and frame</source>
        <translation>Eine Mesh-Datei je Person und Bild</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Parameters, joints, tables and masks for scripts</source>
        <translation>Parameter, Gelenke, Tabellen und Masken für Skripte</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>Bewegung</translation>
    </message>
    <message>
        <source>The moving skeleton for animation tools</source>
        <translation>Das bewegte Skelett für Animationsprogramme</translation>
    </message>
    <message>
        <source>Watch</source>
        <translation>Ansehen</translation>
    </message>
    <message>
        <source>The video with the bodies drawn over it</source>
        <translation>Das Video mit den darübergezeichneten Körpern</translation>
    </message>
    <message>
        <source> · off by %1 mm, at most %2 mm</source>
        <translation> · Abweichung %L1 mm, höchstens %L2 mm</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>Voreinstellung</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>Read the files again and compare</source>
        <translation>Dateien wieder einlesen und vergleichen</translation>
    </message>
    <message>
        <source>Counts, bounds, clip length and the largest distance of a vertex, with code that does not know the writer</source>
        <translation>Anzahlen, Ausmaße, Länge und größter Abstand eines Vertex, mit Code, der den Schreiber nicht kennt</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Folder for the exports</source>
        <translation>Ordner für die Exporte</translation>
    </message>
    <message>
        <source>Forecast of %1</source>
        <translation>Vorhersage für %1</translation>
    </message>
    <message>
        <source>First frame</source>
        <translation>Erstes Bild</translation>
    </message>
    <message>
        <source>Last frame</source>
        <translation>Letztes Bild</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Every frame that was processed</source>
        <translation>Jedes berechnete Bild</translation>
    </message>
    <message>
        <source>In – out</source>
        <translation>In – Out</translation>
    </message>
    <message>
        <source>The range of the timeline</source>
        <translation>Der Bereich der Zeitleiste</translation>
    </message>
    <message>
        <source>to</source>
        <translation>bis</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Personen</translation>
    </message>
    <message>
        <source>People to export</source>
        <translation>Zu exportierende Personen</translation>
    </message>
    <message>
        <source>Options</source>
        <translation>Optionen</translation>
    </message>
    <message>
        <source>≈ %1</source>
        <translation>≈ %1</translation>
    </message>
    <message>
        <source>At work or waiting: %1</source>
        <translation>In Arbeit oder wartend: %1</translation>
    </message>
    <message>
        <source>Add to the queue</source>
        <translation>In die Warteschlange</translation>
    </message>
    <message>
        <source>Together ≈ %1</source>
        <translation>Zusammen ≈ %1</translation>
    </message>
    <message>
        <source>Choose at least one kind of file.</source>
        <translation>Mindestens eine Dateiart wählen.</translation>
    </message>
    <message>
        <source>Choose a folder.</source>
        <translation>Einen Ordner wählen.</translation>
    </message>
    <message>
        <source>Choose at least one person.</source>
        <translation>Mindestens eine Person wählen.</translation>
    </message>
    <message>
        <source>The first frame lies behind the last one.</source>
        <translation>Das erste Bild liegt hinter dem letzten.</translation>
    </message>
    <message>
        <source>Only %1 are free there.</source>
        <translation>Dort sind nur %1 frei.</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ExportReport</name>
    <message>
        <source>What was written</source>
        <translation>Was geschrieben wurde</translation>
    </message>
    <message>
        <source>Every file was read again and compared with the bodies of the project.</source>
        <translation>Jede Datei wurde wieder eingelesen und mit den Körpern des Projekts verglichen.</translation>
    </message>
    <message>
        <source>Files that were read again</source>
        <translation>Wieder eingelesene Dateien</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Personen</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>Vertices</source>
        <translation>Vertices</translation>
    </message>
    <message>
        <source>Bounds</source>
        <translation>Ausmaße</translation>
    </message>
    <message>
        <source>Off by, at most</source>
        <translation>Abweichung höchstens</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>%1 × %2 × %3 m</source>
        <translation>%L1 × %L2 × %L3 m</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%L1 s</translation>
    </message>
    <message>
        <source>%1 mm</source>
        <translation>%L1 mm</translation>
    </message>
    <message>
        <source>✓ sound</source>
        <translation>✓ einwandfrei</translation>
    </message>
    <message>
        <source>✗ %1</source>
        <translation>✗ %1</translation>
    </message>
    <message numerus="yes">
        <source>%n files were written and read again: all are sound.</source>
        <translation>
            <numerusform>%n Datei wurde geschrieben und wieder eingelesen: Sie ist einwandfrei.</numerusform>
            <numerusform>%n Dateien wurden geschrieben und wieder eingelesen: Alle sind einwandfrei.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n files were written; something is wrong with some.</source>
        <translation>
            <numerusform>%n Datei wurde geschrieben; etwas stimmt nicht mit ihr.</numerusform>
            <numerusform>%n Dateien wurden geschrieben; mit einigen stimmt etwas nicht.</numerusform>
        </translation>
    </message>
    <message>
        <source> No vertex is off by more than %1 mm.</source>
        <translation> Kein Vertex weicht um mehr als %L1 mm ab.</translation>
    </message>
</context>
<context>
    <name>body4d::ui::GaugePanel</name>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Memory by owner</source>
        <translation>Speicher nach Verwendung</translation>
    </message>
    <message>
        <source>%1 · peak %2 · of %3</source>
        <translation>%1 · Spitze %2 · von %3</translation>
    </message>
    <message>
        <source>Long mark: peak. Amber mark: budget. Small triangles: peaks of stages. Dotted curve: load.</source>
        <translation>Langer Strich: Spitze. Bernsteinfarbener Strich: Budget. Kleine Dreiecke: Spitzen der Stufen. Gepunktete Kurve: Auslastung.</translation>
    </message>
    <message>
        <source>free</source>
        <translation>frei</translation>
    </message>
    <message>
        <source>%1 · load %2 %</source>
        <translation>%1 · Auslastung %2&#xa0;%</translation>
    </message>
    <message numerus="yes">
        <source>%1: CPU, %n cores, load %2 %</source>
        <translation>
            <numerusform>%1: CPU, %n Kern, Auslastung %2&#xa0;%</numerusform>
            <numerusform>%1: CPU, %n Kerne, Auslastung %2&#xa0;%</numerusform>
        </translation>
    </message>
    <message>
        <source>No GPU found</source>
        <translation>Keine GPU gefunden</translation>
    </message>
    <message>
        <source>GPU not in use</source>
        <translation>GPU ungenutzt</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
</context>
<context>
    <name>body4d::ui::GuideDialog</name>
    <message>
        <source>### This machine</source>
        <translation>### Dieser Rechner</translation>
    </message>
    <message numerus="yes">
        <source>%1, %n cores, %2 of memory. %3</source>
        <translation>
            <numerusform>%1, %n Kern, %2 Speicher. %3</numerusform>
            <numerusform>%1, %n Kerne, %2 Speicher. %3</numerusform>
        </translation>
    </message>
    <message>
        <source>No GPU was found.</source>
        <translation>Es wurde keine GPU gefunden.</translation>
    </message>
    <message>
        <source>GPU: %1, %2, driver %3.</source>
        <translation>GPU: %1, %2, Treiber %3.</translation>
    </message>
    <message>
        <source>| stage | engine | frames of a person a second | memory at most | runs |</source>
        <translation>| Stufe | Engine | Bilder einer Person je Sekunde | höchster Speicher | Läufe |</translation>
    </message>
    <message>
        <source>| nothing has run here yet |  |  |  |  |</source>
        <translation>| hier ist noch nichts gelaufen |  |  |  |  |</translation>
    </message>
    <message>
        <source>### What engines need</source>
        <translation>### Was die Engines brauchen</translation>
    </message>
    <message>
        <source>| engine | stage | memory | here |</source>
        <translation>| Engine | Stufe | Speicher | hier |</translation>
    </message>
    <message>
        <source>fits on the GPU</source>
        <translation>passt auf die GPU</translation>
    </message>
    <message>
        <source>fits in main memory</source>
        <translation>passt in den Hauptspeicher</translation>
    </message>
    <message>
        <source>more than there is</source>
        <translation>mehr als vorhanden</translation>
    </message>
    <message>
        <source>Guide</source>
        <translation>Anleitung</translation>
    </message>
    <message>
        <source>Find in the guide</source>
        <translation>In der Anleitung suchen</translation>
    </message>
    <message>
        <source>Enter goes to the next place</source>
        <translation>Eingabetaste springt zur nächsten Stelle</translation>
    </message>
    <message>
        <source>Chapters</source>
        <translation>Kapitel</translation>
    </message>
</context>
<context>
    <name>body4d::ui::LaneView</name>
    <message>
        <source>absent</source>
        <translation>nicht im Bild</translation>
    </message>
    <message>
        <source>tracked, no body yet</source>
        <translation>verfolgt, noch ohne Körper</translation>
    </message>
    <message>
        <source>tracked and reconstructed</source>
        <translation>verfolgt und rekonstruiert</translation>
    </message>
    <message>
        <source>hidden</source>
        <translation>verdeckt</translation>
    </message>
    <message>
        <source>completed (a guess)</source>
        <translation>ergänzt (eine Vermutung)</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>not processed</source>
        <translation>nicht berechnet</translation>
    </message>
    <message>
        <source>uncertain mask</source>
        <translation>unsichere Maske</translation>
    </message>
    <message>
        <source>body beside the landmarks</source>
        <translation>Körper neben den Körperpunkten</translation>
    </message>
    <message>
        <source>body beside the mask</source>
        <translation>Körper neben der Maske</translation>
    </message>
    <message>
        <source>limbs change their length</source>
        <translation>Gliedmaßen ändern ihre Länge</translation>
    </message>
    <message>
        <source>a planted foot slides</source>
        <translation>ein stehender Fuß rutscht</translation>
    </message>
    <message>
        <source>a sudden jump</source>
        <translation>ein plötzlicher Sprung</translation>
    </message>
    <message>
        <source>a guess</source>
        <translation>eine Vermutung</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitleiste</translation>
    </message>
    <message>
        <source>Lanes of all people; arrow keys step through the frames</source>
        <translation>Spuren aller Personen; die Pfeiltasten gehen Bild für Bild</translation>
    </message>
    <message>
        <source>The frames of the video and a lane for each person appear here.</source>
        <translation>Hier erscheinen die Bilder des Videos und eine Spur für jede Person.</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Suspicion</source>
        <translation>Verdacht</translation>
    </message>
    <message>
        <source>Frame %1 · %2</source>
        <translation>Bild %1 · %2</translation>
    </message>
    <message>
        <source>, outdated by an edit</source>
        <translation>, durch eine Änderung veraltet</translation>
    </message>
    <message>
        <source>look at it: %1</source>
        <translation>ansehen: %1</translation>
    </message>
    <message>
        <source>, clicked here</source>
        <translation>, hier angeklickt</translation>
    </message>
    <message>
        <source>tracked; the body lies between those of two other frames</source>
        <translation>verfolgt; der Körper liegt zwischen denen zweier anderer Bilder</translation>
    </message>
</context>
<context>
    <name>body4d::ui::LogPanel</name>
    <message>
        <source>Nothing to report yet.</source>
        <translation>Noch nichts zu berichten.</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Copy the log</source>
        <translation>Protokoll kopieren</translation>
    </message>
</context>
<context>
    <name>body4d::ui::MainWindow</name>
    <message>
        <source>People</source>
        <translation>Personen</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Berechnen</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitleiste</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>As it was opened</source>
        <translation>Wie geöffnet</translation>
    </message>
    <message>
        <source>History of edits</source>
        <translation>Verlauf der Änderungen</translation>
    </message>
    <message>
        <source>Click a line to go back or forth to it</source>
        <translation>Klick auf eine Zeile geht zu ihr zurück oder vor</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Cursor</source>
        <translation>Mauszeiger</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>Engine</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Memory in use</source>
        <translation>Belegter Speicher</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message numerus="yes">
        <source>CPU, %n cores</source>
        <translation>
            <numerusform>CPU, %n Kern</numerusform>
            <numerusform>CPU, %n Kerne</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 cannot be opened here.</source>
        <translation>%1 lässt sich hier nicht öffnen.</translation>
    </message>
    <message>
        <source>Drop a video, a folder of images, a .body4d project, or something to look at: PLY, GLB, OBJ or npz files, a COLMAP model, results of SAM-Body4D.</source>
        <translation>Ein Video, einen Bildordner, ein .body4d-Projekt oder etwas zum Ansehen ablegen: PLY-, GLB-, OBJ- oder npz-Dateien, ein COLMAP-Modell, Ergebnisse von SAM-Body4D.</translation>
    </message>
    <message>
        <source>Known: %1</source>
        <translation>Bekannt: %1</translation>
    </message>
    <message>
        <source>A run is under way.</source>
        <translation>Eine Berechnung läuft.</translation>
    </message>
    <message>
        <source>Cancel it first; finished frames are kept.</source>
        <translation>Zuerst abbrechen; fertige Bilder bleiben erhalten.</translation>
    </message>
    <message>
        <source>Opening %1 …</source>
        <translation>%1 wird geöffnet …</translation>
    </message>
    <message>
        <source>Open a video</source>
        <translation>Video öffnen</translation>
    </message>
    <message>
        <source>Videos and images (%1);;3D files (%2);;All files (*)</source>
        <translation>Videos und Bilder (%1);;3D-Dateien (%2);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open a project or a folder of images</source>
        <translation>Projekt oder Bildordner öffnen</translation>
    </message>
    <message>
        <source>Save the project</source>
        <translation>Projekt speichern</translation>
    </message>
    <message>
        <source>Body4D project (*.body4d)</source>
        <translation>Body4D-Projekt (*.body4d)</translation>
    </message>
    <message>
        <source>%1 (not there now)</source>
        <translation>%1 (zurzeit nicht vorhanden)</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>Noch nichts</translation>
    </message>
    <message>
        <source>Unpin this one</source>
        <translation>Dieses lösen</translation>
    </message>
    <message>
        <source>Keep this one on top</source>
        <translation>Dieses oben anheften</translation>
    </message>
    <message>
        <source>Forget those that are missing</source>
        <translation>Fehlende vergessen</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>&amp;Open video…</source>
        <translation>Video ö&amp;ffnen…</translation>
    </message>
    <message>
        <source>A video or an image; or drop one on the window</source>
        <translation>Ein Video oder ein Bild; oder auf dem Fenster ablegen</translation>
    </message>
    <message>
        <source>Open project or image &amp;folder…</source>
        <translation>Projekt oder &amp;Bildordner öffnen…</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Speichern</translation>
    </message>
    <message>
        <source>Everything is saved as you go; this gives a draft its place</source>
        <translation>Alles wird laufend gespeichert; dies gibt einem Entwurf seinen Platz</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>Save &amp;as…</source>
        <translation>Speichern &amp;unter…</translation>
    </message>
    <message>
        <source>&amp;Close project</source>
        <translation>Projekt s&amp;chließen</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>Bee&amp;nden</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;Undo %1</source>
        <translation>&amp;Rückgängig: %1</translation>
    </message>
    <message>
        <source>&amp;Redo %1</source>
        <translation>&amp;Wiederholen: %1</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Select</source>
        <translation>Auswahl</translation>
    </message>
    <message>
        <source>Click a person to select; drag moves the picture</source>
        <translation>Klick wählt eine Person; Ziehen verschiebt das Bild</translation>
    </message>
    <message>
        <source>Point</source>
        <translation>Punkt</translation>
    </message>
    <message>
        <source>Left click includes, right click excludes; click a point to remove it</source>
        <translation>Linksklick nimmt hinzu, Rechtsklick schließt aus; Klick auf einen Punkt entfernt ihn</translation>
    </message>
    <message>
        <source>Box</source>
        <translation>Rahmen</translation>
    </message>
    <message>
        <source>Drag a box around a person</source>
        <translation>Einen Rahmen um eine Person ziehen</translation>
    </message>
    <message>
        <source>Clicks include</source>
        <translation>Klicks nehmen hinzu</translation>
    </message>
    <message>
        <source>Left click adds to the person; with the eraser: the brush</source>
        <translation>Linksklick fügt zur Person hinzu; beim Radierer: der Pinsel</translation>
    </message>
    <message>
        <source>Clicks exclude</source>
        <translation>Klicks schließen aus</translation>
    </message>
    <message>
        <source>Left click removes from the person, right click always does; with the brush: the eraser</source>
        <translation>Linksklick nimmt von der Person weg, Rechtsklick immer; beim Pinsel: der Radierer</translation>
    </message>
    <message>
        <source>Cross for the keyboard</source>
        <translation>Fadenkreuz für die Tastatur</translation>
    </message>
    <message>
        <source>Arrows move it, Enter includes, Shift+Enter excludes, Esc leaves</source>
        <translation>Pfeiltasten bewegen es, Eingabe nimmt hinzu, Umschalt+Eingabe schließt aus, Esc beendet</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>The next click starts a new person</source>
        <translation>Der nächste Klick beginnt eine neue Person</translation>
    </message>
    <message>
        <source>Find all</source>
        <translation>Alle finden</translation>
    </message>
    <message>
        <source>Finds everybody on this frame</source>
        <translation>Findet alle Personen auf diesem Bild</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Delete person</source>
        <translation>Person löschen</translation>
    </message>
    <message>
        <source>Remove points of this frame</source>
        <translation>Punkte dieses Bildes entfernen</translation>
    </message>
    <message>
        <source>Show or hide</source>
        <translation>Zeigen oder ausblenden</translation>
    </message>
    <message>
        <source>Solo</source>
        <translation>Solo</translation>
    </message>
    <message>
        <source>Only the selected person is shown</source>
        <translation>Nur die gewählte Person wird gezeigt</translation>
    </message>
    <message>
        <source>Select person %1 of the list</source>
        <translation>Person %1 der Liste wählen</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Masks</source>
        <translation>Masken</translation>
    </message>
    <message>
        <source>Skeleton</source>
        <translation>Skelett</translation>
    </message>
    <message>
        <source>Name tags</source>
        <translation>Namensschilder</translation>
    </message>
    <message>
        <source>Ground grid</source>
        <translation>Bodenraster</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Motion trails</source>
        <translation>Bewegungsspuren</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>The whole frame, or the selected body in the 3D view</source>
        <translation>Das ganze Bild, oder den gewählten Körper in der 3D-Ansicht</translation>
    </message>
    <message>
        <source>Fit all in both views</source>
        <translation>Alles in beide Ansichten einpassen</translation>
    </message>
    <message>
        <source>Pixel for pixel</source>
        <translation>Pixel für Pixel</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>3D from the front</source>
        <translation>3D von vorn</translation>
    </message>
    <message>
        <source>3D from the right</source>
        <translation>3D von rechts</translation>
    </message>
    <message>
        <source>3D from above</source>
        <translation>3D von oben</translation>
    </message>
    <message>
        <source>3D at an angle</source>
        <translation>3D schräg</translation>
    </message>
    <message>
        <source>3D through the video&apos;s camera</source>
        <translation>3D durch die Kamera des Videos</translation>
    </message>
    <message>
        <source>3D without perspective</source>
        <translation>3D ohne Perspektive</translation>
    </message>
    <message>
        <source>View full screen</source>
        <translation>Ansicht im Vollbild</translation>
    </message>
    <message>
        <source>The view with the focus fills the screen</source>
        <translation>Die Ansicht mit dem Fokus füllt den Bildschirm</translation>
    </message>
    <message>
        <source>Next pane</source>
        <translation>Nächster Bereich</translation>
    </message>
    <message>
        <source>Dark theme</source>
        <translation>Dunkles Design</translation>
    </message>
    <message>
        <source>Light theme</source>
        <translation>Helles Design</translation>
    </message>
    <message>
        <source>Theme of the system</source>
        <translation>Design des Systems</translation>
    </message>
    <message>
        <source>Show the log</source>
        <translation>Protokoll zeigen</translation>
    </message>
    <message>
        <source>Show the history of edits</source>
        <translation>Verlauf der Änderungen zeigen</translation>
    </message>
    <message>
        <source>Every edit by name; a click goes back to it</source>
        <translation>Jede Änderung beim Namen; ein Klick kehrt zu ihr zurück</translation>
    </message>
    <message>
        <source>Screenshot to the clipboard</source>
        <translation>Bildschirmfoto in die Zwischenablage</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Play or pause</source>
        <translation>Abspielen oder anhalten</translation>
    </message>
    <message>
        <source>One frame back</source>
        <translation>Ein Bild zurück</translation>
    </message>
    <message>
        <source>One frame on</source>
        <translation>Ein Bild vor</translation>
    </message>
    <message>
        <source>One second back</source>
        <translation>Eine Sekunde zurück</translation>
    </message>
    <message>
        <source>One second on</source>
        <translation>Eine Sekunde vor</translation>
    </message>
    <message>
        <source>First frame</source>
        <translation>Erstes Bild</translation>
    </message>
    <message>
        <source>Of the range; again: of the video</source>
        <translation>Des Bereichs; nochmals: des Videos</translation>
    </message>
    <message>
        <source>Last frame</source>
        <translation>Letztes Bild</translation>
    </message>
    <message>
        <source>Play backwards, faster with each press</source>
        <translation>Rückwärts abspielen, mit jedem Druck schneller</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Held down, J and L step by one frame</source>
        <translation>Gedrückt gehalten gehen J und L um ein Bild weiter</translation>
    </message>
    <message>
        <source>Play, faster with each press</source>
        <translation>Abspielen, mit jedem Druck schneller</translation>
    </message>
    <message>
        <source>Loop</source>
        <translation>Schleife</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Ton</translation>
    </message>
    <message>
        <source>Of the video, while it plays at its own speed</source>
        <translation>Des Videos, solange es in seinem eigenen Tempo läuft</translation>
    </message>
    <message>
        <source>Range starts here</source>
        <translation>Bereich beginnt hier</translation>
    </message>
    <message>
        <source>Run, playback and export keep to the range</source>
        <translation>Berechnung, Wiedergabe und Export halten sich an den Bereich</translation>
    </message>
    <message>
        <source>Range ends here</source>
        <translation>Bereich endet hier</translation>
    </message>
    <message>
        <source>Whole video</source>
        <translation>Ganzes Video</translation>
    </message>
    <message>
        <source>Zoom the timeline to the range</source>
        <translation>Zeitleiste auf den Bereich zoomen</translation>
    </message>
    <message>
        <source>Again: the whole video; Ctrl+wheel zooms, + and - too while the timeline has the focus</source>
        <translation>Nochmals: das ganze Video; Strg+Mausrad zoomt, ebenso + und -, solange die Zeitleiste den Fokus hat</translation>
    </message>
    <message>
        <source>Go to a frame…</source>
        <translation>Zu einem Bild gehen…</translation>
    </message>
    <message>
        <source>Next doubtful frame</source>
        <translation>Nächstes zweifelhaftes Bild</translation>
    </message>
    <message>
        <source>By error, silhouette and guesses</source>
        <translation>Nach Fehler, Silhouette und Vermutungen</translation>
    </message>
    <message>
        <source>Nothing doubtful found</source>
        <translation>Nichts Zweifelhaftes gefunden</translation>
    </message>
    <message>
        <source>Tracks, fits and completes what is missing or outdated</source>
        <translation>Verfolgt, passt an und ergänzt, was fehlt oder veraltet ist</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Finished frames are kept</source>
        <translation>Fertige Bilder bleiben erhalten</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>Aktualisieren</translation>
    </message>
    <message>
        <source>Runs just what edits have outdated</source>
        <translation>Berechnet nur, was durch Änderungen veraltet ist</translation>
    </message>
    <message>
        <source>Halve the batch size</source>
        <translation>Stapelgröße halbieren</translation>
    </message>
    <message>
        <source>Completion on or off</source>
        <translation>Ergänzung an oder aus</translation>
    </message>
    <message>
        <source>Turn completion off</source>
        <translation>Ergänzung ausschalten</translation>
    </message>
    <message>
        <source>Run settings</source>
        <translation>Einstellungen der Berechnung</translation>
    </message>
    <message>
        <source>Copy as command</source>
        <translation>Als Befehl kopieren</translation>
    </message>
    <message>
        <source>The same run for a terminal</source>
        <translation>Dieselbe Berechnung für ein Terminal</translation>
    </message>
    <message>
        <source>Unload models</source>
        <translation>Modelle entladen</translation>
    </message>
    <message>
        <source>Gives the memory of networks back; they are loaded again when needed</source>
        <translation>Gibt den Speicher der Netze frei; bei Bedarf werden sie wieder geladen</translation>
    </message>
    <message>
        <source>Unloading models …</source>
        <translation>Modelle werden entladen …</translation>
    </message>
    <message>
        <source>Models unloaded: %1 given back</source>
        <translation>Modelle entladen: %1 freigegeben</translation>
    </message>
    <message>
        <source>No models were loaded</source>
        <translation>Es waren keine Modelle geladen</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Command palette</source>
        <translation>Befehlspalette</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Guide</source>
        <translation>Anleitung</translation>
    </message>
    <message>
        <source>How to go about things, and what hardware can do</source>
        <translation>Wie man vorgeht und was die Hardware kann</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Engines, licences, where files go</source>
        <translation>Engines, Lizenzen, wohin Dateien gehören</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>Peop&amp;le</source>
        <translation>&amp;Personen</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>3D view from</source>
        <translation>3D-Ansicht von</translation>
    </message>
    <message>
        <source>3D view shows</source>
        <translation>3D-Ansicht zeigt</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Design</translation>
    </message>
    <message>
        <source>Panels</source>
        <translation>Bedienfelder</translation>
    </message>
    <message>
        <source>&amp;Play</source>
        <translation>&amp;Wiedergabe</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>Be&amp;rechnen</translation>
    </message>
    <message>
        <source>E&amp;xport</source>
        <translation>E&amp;xport</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Select  V</source>
        <translation>Auswahl  V</translation>
    </message>
    <message>
        <source>Point  P</source>
        <translation>Punkt  P</translation>
    </message>
    <message>
        <source>Box  R</source>
        <translation>Rahmen  R</translation>
    </message>
    <message>
        <source>Brush  B</source>
        <translation>Pinsel  B</translation>
    </message>
    <message>
        <source>Eraser</source>
        <translation>Radierer</translation>
    </message>
    <message>
        <source>Find all  A</source>
        <translation>Alle finden  A</translation>
    </message>
    <message>
        <source>Run  F5</source>
        <translation>Berechnen  F5</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Ctrl+P</source>
        <translation>Strg+P</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>Pinsel</translation>
    </message>
    <message>
        <source>Paint what belongs to the person; right button erases, Shift+wheel sets the size</source>
        <translation>Malen, was zur Person gehört; rechte Taste radiert, Umschalt+Mausrad ändert die Größe</translation>
    </message>
    <message>
        <source>Take away what does not belong to the person</source>
        <translation>Wegnehmen, was nicht zur Person gehört</translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation>Kleinerer Pinsel</translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation>Größerer Pinsel</translation>
    </message>
    <message>
        <source>Lock or unlock</source>
        <translation>Sperren oder entsperren</translation>
    </message>
    <message>
        <source>A locked person cannot be changed by mistake</source>
        <translation>Eine gesperrte Person kann nicht versehentlich geändert werden</translation>
    </message>
    <message>
        <source>Split here</source>
        <translation>Hier teilen</translation>
    </message>
    <message>
        <source>From this frame on it is somebody else: a new person with a lane of its own</source>
        <translation>Ab diesem Bild ist es jemand anders: eine neue Person mit eigener Spur</translation>
    </message>
    <message>
        <source>Nothing to split before the first frame</source>
        <translation>Vor dem ersten Bild gibt es nichts zu teilen</translation>
    </message>
    <message>
        <source>Swap from here with the other person</source>
        <translation>Ab hier mit der anderen Person tauschen</translation>
    </message>
    <message>
        <source>From this frame on the two exchange who is who</source>
        <translation>Ab diesem Bild tauschen beide, wer wer ist</translation>
    </message>
    <message>
        <source>Swap from frame %1 with</source>
        <translation>Ab Bild %1 tauschen mit</translation>
    </message>
    <message>
        <source>Merge with the other person</source>
        <translation>Mit der anderen Person zusammenführen</translation>
    </message>
    <message>
        <source>Two lanes are one person: the other one&apos;s prompts come to the selected one</source>
        <translation>Zwei Spuren sind eine Person: Die Vorgaben der anderen kommen zur gewählten</translation>
    </message>
    <message>
        <source>Merge with</source>
        <translation>Zusammenführen mit</translation>
    </message>
    <message>
        <source>Not in the picture from here on</source>
        <translation>Ab hier nicht im Bild</translation>
    </message>
    <message>
        <source>Until the next frame with a prompt, or the end</source>
        <translation>Bis zum nächsten Bild mit einer Vorgabe oder bis zum Ende</translation>
    </message>
    <message>
        <source>In the picture again</source>
        <translation>Wieder im Bild</translation>
    </message>
    <message>
        <source>Takes back “not in the picture” around this frame</source>
        <translation>Nimmt „nicht im Bild“ um dieses Bild zurück</translation>
    </message>
    <message>
        <source>Accept completed frames</source>
        <translation>Ergänzte Bilder annehmen</translation>
    </message>
    <message>
        <source>The guessed stretch around the cursor is good; it is no longer called doubtful</source>
        <translation>Der vermutete Abschnitt um den Zeitzeiger ist gut; er gilt nicht mehr als zweifelhaft</translation>
    </message>
    <message>
        <source>Reject completed frames</source>
        <translation>Ergänzte Bilder ablehnen</translation>
    </message>
    <message>
        <source>The guessed stretch around the cursor is wrong: shown and exported as hidden</source>
        <translation>Der vermutete Abschnitt um den Zeitzeiger ist falsch: wird als verdeckt gezeigt und exportiert</translation>
    </message>
    <message>
        <source>Take the verdict back</source>
        <translation>Urteil zurücknehmen</translation>
    </message>
    <message>
        <source>Import masks from a &amp;file…</source>
        <translation>Masken aus &amp;Datei importieren…</translation>
    </message>
    <message>
        <source>COCO</source>
        <translation>COCO</translation>
    </message>
    <message>
        <source>Import masks</source>
        <translation>Masken importieren</translation>
    </message>
    <message>
        <source>COCO annotations (*.json)</source>
        <translation>COCO-Annotationen (*.json)</translation>
    </message>
    <message>
        <source>Import masks from a f&amp;older…</source>
        <translation>Masken aus &amp;Ordner importieren…</translation>
    </message>
    <message>
        <source>PNG files named by frame number: black and white, or object numbers as SAM-Body4D writes them</source>
        <translation>Nach Bildnummer benannte PNG-Dateien: schwarz-weiß oder Objektnummern, wie SAM-Body4D sie schreibt</translation>
    </message>
    <message>
        <source>%1 is locked</source>
        <translation>%1 ist gesperrt</translation>
    </message>
    <message>
        <source>There is no other person</source>
        <translation>Es gibt keine andere Person</translation>
    </message>
    <message>
        <source>Both people must be seen on this frame to swap them.</source>
        <translation>Zum Tauschen müssen beide Personen auf diesem Bild zu sehen sein.</translation>
    </message>
    <message>
        <source>Go to a frame where both have a mask, right after the mix-up.</source>
        <translation>Zu einem Bild gleich nach der Verwechslung gehen, auf dem beide eine Maske haben.</translation>
    </message>
    <message>
        <source>This frame is not a guess</source>
        <translation>Dieses Bild ist keine Vermutung</translation>
    </message>
    <message>
        <source>Reading masks</source>
        <translation>Masken werden gelesen</translation>
    </message>
    <message numerus="yes">
        <source>%n people imported</source>
        <translation>
            <numerusform>%n Person importiert</numerusform>
            <numerusform>%n Personen importiert</numerusform>
        </translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>GLB, PLY, npz, overlay video and more</source>
        <translation>GLB, PLY, npz, Überlagerungsvideo und mehr</translation>
    </message>
    <message>
        <source>Show what was found in the files</source>
        <translation>Zeigen, was in den Dateien gefunden wurde</translation>
    </message>
    <message>
        <source>Counts, bounds, length and differences of the last export, read again</source>
        <translation>Anzahlen, Ausmaße, Länge und Abweichungen des letzten Exports, wieder eingelesen</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Of the last export</source>
        <translation>Des letzten Exports</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>%1 exportieren</translation>
    </message>
    <message numerus="yes">
        <source>%n files were written.</source>
        <translation>
            <numerusform>%n Datei wurde geschrieben.</numerusform>
            <numerusform>%n Dateien wurden geschrieben.</numerusform>
        </translation>
    </message>
    <message>
        <source>Reconstruct the place</source>
        <translation>Umgebung rekonstruieren</translation>
    </message>
    <message>
        <source>Cameras and points of what stands around the people; Run does it last, too</source>
        <translation>Kameras und Punkte dessen, was um die Personen steht; „Berechnen“ tut es zuletzt auch</translation>
    </message>
    <message>
        <source>Weights of the place…</source>
        <translation>Gewichte der Umgebung…</translation>
    </message>
    <message>
        <source>A file of your own for Depth Anything 3 or VGGT; every tensor is checked before it is used</source>
        <translation>Eine eigene Datei für Depth Anything 3 oder VGGT; jeder Tensor wird vor der Verwendung geprüft</translation>
    </message>
    <message>
        <source>Weights of the place from the models folder</source>
        <translation>Gewichte der Umgebung aus dem Modellordner</translation>
    </message>
    <message>
        <source>What the models dialog lists, instead of a file of your own</source>
        <translation>Was der Modelldialog auflistet, statt einer eigenen Datei</translation>
    </message>
    <message>
        <source>3D view</source>
        <translation>3D-Ansicht</translation>
    </message>
    <message>
        <source>Points of the place</source>
        <translation>Umgebungspunkte</translation>
    </message>
    <message>
        <source>What the scene stage has reconstructed; its cameras carry the bodies</source>
        <translation>Was die Stufe „Szene“ rekonstruiert hat; ihre Kameras tragen die Körper</translation>
    </message>
    <message>
        <source>No engine is chosen for the place.</source>
        <translation>Für die Umgebung ist keine Engine gewählt.</translation>
    </message>
    <message>
        <source>Choose one under Scene in the run panel; the models dialog says what to add.</source>
        <translation>Unter „Szene“ im Berechnungsfeld eine wählen; der Modelldialog sagt, was fehlt.</translation>
    </message>
    <message>
        <source>Scene</source>
        <translation>Szene</translation>
    </message>
    <message>
        <source>Weights of the place</source>
        <translation>Gewichte der Umgebung</translation>
    </message>
    <message>
        <source>Weights (*.safetensors *.pt *.pth *.ckpt *.bin);;All files (*)</source>
        <translation>Gewichte (*.safetensors *.pt *.pth *.ckpt *.bin);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>checking %1 …</source>
        <translation>%1 wird geprüft …</translation>
    </message>
    <message>
        <source>Choose weights of the place</source>
        <translation>Gewichte der Umgebung wählen</translation>
    </message>
    <message>
        <source>Continue where the program ended</source>
        <translation>Fortsetzen, wo das Programm endete</translation>
    </message>
    <message>
        <source>Open the sample clip</source>
        <translation>Beispielclip öffnen</translation>
    </message>
    <message>
        <source>A walking mannequin, drawn on this machine</source>
        <translation>Eine gehende Gliederpuppe, auf diesem Rechner gezeichnet</translation>
    </message>
    <message>
        <source>Drawing the sample clip …</source>
        <translation>Beispielclip wird gezeichnet …</translation>
    </message>
    <message>
        <source>Find the video…</source>
        <translation>Video suchen…</translation>
    </message>
    <message>
        <source>Where is %1 now?</source>
        <translation>Wo ist %1 jetzt?</translation>
    </message>
    <message>
        <source>&amp;Preferences…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Stops after the frames at work and goes on from there</source>
        <translation>Hält nach den laufenden Bildern an und macht dort weiter</translation>
    </message>
    <message>
        <source>Turntable movie…</source>
        <translation>Drehteller-Film…</translation>
    </message>
    <message>
        <source>One turn around what the 3D view shows, as MP4</source>
        <translation>Eine Drehung um das, was die 3D-Ansicht zeigt, als MP4</translation>
    </message>
    <message>
        <source>Save a turntable movie</source>
        <translation>Drehteller-Film speichern</translation>
    </message>
    <message>
        <source>Movies (*.mp4)</source>
        <translation>Filme (*.mp4)</translation>
    </message>
    <message>
        <source>The video of this project is not where it was.</source>
        <translation>Das Video dieses Projekts ist nicht mehr an seinem Ort.</translation>
    </message>
    <message>
        <source>%1 was moved, renamed or is on a drive that is not connected. Everything else is still there.</source>
        <translation>%1 wurde verschoben, umbenannt oder liegt auf einem nicht verbundenen Laufwerk. Alles andere ist noch da.</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Paused; finished frames are kept</source>
        <translation>Angehalten; fertige Bilder bleiben erhalten</translation>
    </message>
    <message>
        <source>The program ended without closing “%1”.</source>
        <translation>Das Programm endete, ohne „%1“ zu schließen.</translation>
    </message>
    <message>
        <source>Recording %1/%2</source>
        <translation>Aufnahme %1/%2</translation>
    </message>
    <message>
        <source>Saved %1</source>
        <translation>%1 gespeichert</translation>
    </message>
    <message>
        <source>Bodies as surface</source>
        <translation>Körper als Oberfläche</translation>
    </message>
    <message>
        <source>Bodies as wireframe</source>
        <translation>Körper als Drahtgitter</translation>
    </message>
    <message>
        <source>Bodies as bones</source>
        <translation>Körper als Knochen</translation>
    </message>
    <message>
        <source>Bodies in the video&apos;s colours</source>
        <translation>Körper in den Farben des Videos</translation>
    </message>
    <message>
        <source>Points on the surface; grey where the video does not show it</source>
        <translation>Punkte auf der Oberfläche; grau, wo das Video sie nicht zeigt</translation>
    </message>
    <message>
        <source>Colour by doubt</source>
        <translation>Nach Zweifel färben</translation>
    </message>
    <message>
        <source>Blue fits well, red deserves a look</source>
        <translation>Blau passt gut, Rot verdient einen Blick</translation>
    </message>
    <message>
        <source>Colour by how well each part was seen</source>
        <translation>Nach Sichtbarkeit der Teile färben</translation>
    </message>
    <message>
        <source>Blue was seen clearly, red is guessed</source>
        <translation>Blau war klar zu sehen, Rot ist vermutet</translation>
    </message>
    <message>
        <source>Colour by difference</source>
        <translation>Nach Abweichung färben</translation>
    </message>
    <message>
        <source>How far each part lies from what the bodies are compared with</source>
        <translation>Wie weit jeder Teil von dem entfernt ist, womit die Körper verglichen werden</translation>
    </message>
    <message>
        <source>Next way of drawing bodies</source>
        <translation>Nächste Darstellung der Körper</translation>
    </message>
    <message>
        <source>Video behind the bodies</source>
        <translation>Video hinter den Körpern</translation>
    </message>
    <message>
        <source>While looking through the video&apos;s camera</source>
        <translation>Beim Blick durch die Kamera des Videos</translation>
    </message>
    <message>
        <source>Wipe between two results</source>
        <translation>Wischvergleich zweier Ergebnisse</translation>
    </message>
    <message>
        <source>Left of the line what the bodies are compared with, right of it the bodies</source>
        <translation>Links der Linie das Verglichene, rechts davon die Körper</translation>
    </message>
    <message>
        <source>Compare with the bodies before smoothing</source>
        <translation>Mit den Körpern vor der Glättung vergleichen</translation>
    </message>
    <message>
        <source>Compare with the run without completion</source>
        <translation>Mit der Berechnung ohne Ergänzung vergleichen</translation>
    </message>
    <message>
        <source>Where a person was hidden there is nothing without it</source>
        <translation>Wo eine Person verdeckt war, gibt es ohne sie nichts</translation>
    </message>
    <message>
        <source>Compare with another project…</source>
        <translation>Mit einem anderen Projekt vergleichen…</translation>
    </message>
    <message>
        <source>Of the same video: other settings, other clicks, another engine</source>
        <translation>Zum selben Video: andere Einstellungen, andere Klicks, eine andere Engine</translation>
    </message>
    <message>
        <source>Compare with a project</source>
        <translation>Mit einem Projekt vergleichen</translation>
    </message>
    <message>
        <source>Measure a distance</source>
        <translation>Abstand messen</translation>
    </message>
    <message>
        <source>Click two places on bodies or on the ground</source>
        <translation>Zwei Stellen auf Körpern oder auf dem Boden anklicken</translation>
    </message>
    <message>
        <source>Show a 3D file…</source>
        <translation>3D-Datei zeigen…</translation>
    </message>
    <message>
        <source>PLY, GLB, OBJ, npz or a COLMAP model beside the bodies; or drop one on the window</source>
        <translation>PLY, GLB, OBJ, npz oder ein COLMAP-Modell neben den Körpern; oder auf dem Fenster ablegen</translation>
    </message>
    <message>
        <source>Show a 3D file</source>
        <translation>3D-Datei zeigen</translation>
    </message>
    <message>
        <source>3D files (%1)</source>
        <translation>3D-Dateien (%1)</translation>
    </message>
    <message>
        <source>Show a folder of 3D files…</source>
        <translation>Ordner mit 3D-Dateien zeigen…</translation>
    </message>
    <message>
        <source>SAM-Body4D&apos;s results, meshes numbered by frame, or a COLMAP model</source>
        <translation>Ergebnisse von SAM-Body4D, nach Bildern nummerierte Meshes oder ein COLMAP-Modell</translation>
    </message>
    <message>
        <source>Show a folder of 3D files</source>
        <translation>Ordner mit 3D-Dateien zeigen</translation>
    </message>
    <message>
        <source>Remove shown 3D files</source>
        <translation>Gezeigte 3D-Dateien entfernen</translation>
    </message>
    <message>
        <source>Save the 3D view as a picture…</source>
        <translation>3D-Ansicht als Bild speichern…</translation>
    </message>
    <message>
        <source>Save the 3D view without background…</source>
        <translation>3D-Ansicht ohne Hintergrund speichern…</translation>
    </message>
    <message>
        <source>PNG with transparency</source>
        <translation>PNG mit Transparenz</translation>
    </message>
    <message>
        <source>Copy the 3D view</source>
        <translation>3D-Ansicht kopieren</translation>
    </message>
    <message>
        <source>Reading %1</source>
        <translation>%1 wird gelesen</translation>
    </message>
    <message>
        <source>Set or remove a camera key</source>
        <translation>Kamera-Keyframe setzen oder entfernen</translation>
    </message>
    <message>
        <source>Where the view is at this frame; a movie flies from key to key</source>
        <translation>Wo die Ansicht bei diesem Bild ist; ein Film fliegt von Keyframe zu Keyframe</translation>
    </message>
    <message numerus="yes">
        <source>Frame %1: %2, %n camera keys in all</source>
        <translation>
            <numerusform>Bild %1: %2, insgesamt %n Kamera-Keyframe</numerusform>
            <numerusform>Bild %1: %2, insgesamt %n Kamera-Keyframes</numerusform>
        </translation>
    </message>
    <message>
        <source>camera key set</source>
        <translation>Kamera-Keyframe gesetzt</translation>
    </message>
    <message>
        <source>camera key removed</source>
        <translation>Kamera-Keyframe entfernt</translation>
    </message>
    <message>
        <source>Remove all camera keys</source>
        <translation>Alle Kamera-Keyframes entfernen</translation>
    </message>
    <message>
        <source>No camera keys</source>
        <translation>Keine Kamera-Keyframes</translation>
    </message>
    <message>
        <source>Fly along the camera keys</source>
        <translation>Entlang der Kamera-Keyframes fliegen</translation>
    </message>
    <message>
        <source>The view follows the keys while time passes</source>
        <translation>Die Ansicht folgt den Keyframes, während die Zeit läuft</translation>
    </message>
    <message>
        <source>Record the 3D view as a movie…</source>
        <translation>3D-Ansicht als Film aufnehmen…</translation>
    </message>
    <message>
        <source>The range of the timeline as MP4, along the camera keys; again: stops</source>
        <translation>Den Bereich der Zeitleiste als MP4, entlang der Kamera-Keyframes; nochmals: beendet</translation>
    </message>
    <message>
        <source>The movie was given up</source>
        <translation>Der Film wurde aufgegeben</translation>
    </message>
    <message>
        <source>Record the 3D view</source>
        <translation>3D-Ansicht aufnehmen</translation>
    </message>
    <message>
        <source>Distance %1 m</source>
        <translation>Abstand %L1 m</translation>
    </message>
    <message>
        <source>without completion</source>
        <translation>ohne Ergänzung</translation>
    </message>
    <message>
        <source>with completion</source>
        <translation>mit Ergänzung</translation>
    </message>
    <message>
        <source>raw</source>
        <translation>roh</translation>
    </message>
    <message>
        <source>smoothed</source>
        <translation>geglättet</translation>
    </message>
    <message>
        <source>There is nothing to compare yet.</source>
        <translation>Es gibt noch nichts zu vergleichen.</translation>
    </message>
    <message>
        <source>Open one project, then choose another one of the same video.</source>
        <translation>Ein Projekt öffnen, dann ein anderes desselben Videos wählen.</translation>
    </message>
    <message>
        <source>Save the 3D view</source>
        <translation>3D-Ansicht speichern</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation>PNG (*.png)</translation>
    </message>
    <message>
        <source>Pictures (*.png *.jpg)</source>
        <translation>Bilder (*.png *.jpg)</translation>
    </message>
    <message>
        <source>The picture could not be written.</source>
        <translation>Das Bild konnte nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>Choose a folder that you may write to, with enough free space.</source>
        <translation>Einen beschreibbaren Ordner mit genug freiem Platz wählen.</translation>
    </message>
    <message>
        <source>%1 × %2</source>
        <translation>%1 × %2</translation>
    </message>
    <message numerus="yes">
        <source>%n frames</source>
        <translation>
            <numerusform>%n Bild</numerusform>
            <numerusform>%n Bilder</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 fps</source>
        <translation>%L1 fps</translation>
    </message>
    <message>
        <source>variable rate</source>
        <translation>variable Bildrate</translation>
    </message>
    <message>
        <source>turned by %1°</source>
        <translation>um %1° gedreht</translation>
    </message>
    <message>
        <source>Frame %1</source>
        <translation>Bild %1</translation>
    </message>
    <message>
        <source>The frames around it may still be fine.</source>
        <translation>Die Bilder rundherum können dennoch in Ordnung sein.</translation>
    </message>
    <message>
        <source>x %1  y %2%3</source>
        <translation>x %1  y %2%3</translation>
    </message>
    <message>
        <source>X %1  Y %2  Z %3 m</source>
        <translation>X %L1  Y %L2  Z %L3 m</translation>
    </message>
    <message>
        <source>Nobody was found there.</source>
        <translation>Dort wurde niemand gefunden.</translation>
    </message>
    <message>
        <source>Click the middle of a person, or draw a box around one.</source>
        <translation>In die Mitte einer Person klicken oder einen Rahmen um eine ziehen.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>Wird angehalten</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>, %1 left</source>
        <translation>, noch %1</translation>
    </message>
    <message>
        <source>Cancelled; finished frames are kept</source>
        <translation>Abgebrochen; fertige Bilder bleiben erhalten</translation>
    </message>
    <message>
        <source>Done in %1</source>
        <translation>Fertig in %1</translation>
    </message>
    <message>
        <source> · %1 person-frames/s</source>
        <translation> · %L1 Personenbilder/s</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Nobody is selected yet.</source>
        <translation>Noch ist niemand ausgewählt.</translation>
    </message>
    <message>
        <source>Click a person in the video, or let all be found.</source>
        <translation>Eine Person im Video anklicken oder alle finden lassen.</translation>
    </message>
    <message>
        <source>Nobody was found on this frame.</source>
        <translation>Auf diesem Bild wurde niemand gefunden.</translation>
    </message>
    <message>
        <source>Everybody found here is selected already.</source>
        <translation>Alle hier Gefundenen sind schon ausgewählt.</translation>
    </message>
    <message>
        <source>Go to a frame where people are clearly seen, or click one.</source>
        <translation>Zu einem Bild gehen, auf dem Personen gut zu sehen sind, oder eine anklicken.</translation>
    </message>
    <message numerus="yes">
        <source>%n people found</source>
        <translation>
            <numerusform>%n Person gefunden</numerusform>
            <numerusform>%n Personen gefunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Update: %n stale</source>
        <translation>
            <numerusform>Aktualisieren: %n veraltet</numerusform>
            <numerusform>Aktualisieren: %n veraltet</numerusform>
        </translation>
    </message>
    <message>
        <source>Body4D Studio</source>
        <translation>Body4D Studio</translation>
    </message>
    <message>
        <source>read-only</source>
        <translation>schreibgeschützt</translation>
    </message>
    <message>
        <source>draft, saved</source>
        <translation>Entwurf, gespeichert</translation>
    </message>
    <message>
        <source>saved</source>
        <translation>gespeichert</translation>
    </message>
    <message>
        <source>%1 — %2 — Body4D Studio</source>
        <translation>%1 — %2 — Body4D Studio</translation>
    </message>
    <message>
        <source>Click a person to select · drag to move the picture</source>
        <translation>Klick wählt eine Person · Ziehen verschiebt das Bild</translation>
    </message>
    <message>
        <source>Paint · right button erases · size %1 px ([ and ])</source>
        <translation>Malen · rechte Taste radiert · Größe %1 px ([ und ])</translation>
    </message>
    <message>
        <source>Erase what does not belong · size %1 px ([ and ])</source>
        <translation>Wegradieren, was nicht dazugehört · Größe %1 px ([ und ])</translation>
    </message>
    <message>
        <source>Excluding: click what does not belong (Q to include)</source>
        <translation>Ausschließen: anklicken, was nicht dazugehört (Q nimmt hinzu)</translation>
    </message>
    <message>
        <source>Click a person</source>
        <translation>Person anklicken</translation>
    </message>
    <message>
        <source>Left click adds a person · right click excludes</source>
        <translation>Linksklick fügt eine Person hinzu · Rechtsklick schließt aus</translation>
    </message>
    <message>
        <source>completion on</source>
        <translation>Ergänzung an</translation>
    </message>
    <message>
        <source>completion off</source>
        <translation>Ergänzung aus</translation>
    </message>
    <message>
        <source>Frames %1 to %2 of %3 are guesses again</source>
        <translation>Bilder %1 bis %2 von %3 sind wieder Vermutungen</translation>
    </message>
    <message>
        <source>Frames %1 to %2 of %3 accepted</source>
        <translation>Bilder %1 bis %2 von %3 angenommen</translation>
    </message>
    <message>
        <source>Frames %1 to %2 of %3 rejected: hidden</source>
        <translation>Bilder %1 bis %2 von %3 abgelehnt: verdeckt</translation>
    </message>
    <message>
        <source>today at %1</source>
        <translation>heute um %1</translation>
    </message>
    <message>
        <source>on %1 at %2</source>
        <translation>am %1 um %2</translation>
    </message>
    <message>
        <source>Every edit and every finished frame was saved, the last one %1.</source>
        <translation>Jede Änderung und jedes fertige Bild wurde gespeichert, zuletzt %1.</translation>
    </message>
    <message>
        <source>The time of the 3D files that are shown. With a video, each person gets a lane here.</source>
        <translation>Die Zeit der gezeigten 3D-Dateien. Mit einem Video erhält hier jede Person eine Spur.</translation>
    </message>
    <message>
        <source>Each person gets a lane here. Click one in the video.</source>
        <translation>Jede Person erhält hier eine Spur. Eine Person im Video anklicken.</translation>
    </message>
    <message>
        <source>What is unusual about the video</source>
        <translation>Was am Video ungewöhnlich ist</translation>
    </message>
    <message>
        <source>&amp;Record with a camera…</source>
        <translation>Mit &amp;Kamera aufnehmen…</translation>
    </message>
    <message>
        <source>Looks through a camera of this machine; what it records opens as the video</source>
        <translation>Blickt durch eine Kamera dieses Rechners; was sie aufnimmt, öffnet sich als Video</translation>
    </message>
    <message>
        <source>%1 is recorded.</source>
        <translation>%1 ist aufgenommen.</translation>
    </message>
    <message>
        <source>Open it when the run has ended. %1</source>
        <translation>Nach dem Ende der Berechnung öffnen. %1</translation>
    </message>
    <message>
        <source>What was recorded until then is here: %1</source>
        <translation>Was bis dahin aufgenommen wurde, liegt hier: %1</translation>
    </message>
    <message>
        <source>HDR (%1), shown as SDR</source>
        <translation>HDR (%1), als SDR gezeigt</translation>
    </message>
    <message>
        <source>Seen in no frame: %1.</source>
        <translation>In keinem Bild gesehen: %1.</translation>
    </message>
    <message>
        <source>Go to a frame where the person is clearly visible, click the middle of the body, and run again.</source>
        <translation>Zu einem Bild gehen, in dem die Person deutlich zu sehen ist, die Mitte des Körpers anklicken und erneut starten.</translation>
    </message>
</context>
<context>
    <name>body4d::ui::MaskEditor</name>
    <message>
        <source>Brush</source>
        <translation>Pinsel</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Radieren</translation>
    </message>
</context>
<context>
    <name>body4d::ui::MemoryGauge</name>
    <message>
        <source>tensors</source>
        <translation>Tensoren</translation>
    </message>
    <message>
        <source>ours</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>cache</source>
        <translation>Cache</translation>
    </message>
    <message>
        <source>ours, other</source>
        <translation>Programm, übrig</translation>
    </message>
    <message>
        <source>others</source>
        <translation>andere</translation>
    </message>
    <message>
        <source>Memory gauge</source>
        <translation>Speicheranzeige</translation>
    </message>
    <message>
        <source>%1 in use of %2</source>
        <translation>%1 von %2 belegt</translation>
    </message>
    <message>
        <source>%1: at most %2</source>
        <translation>%1: höchstens %2</translation>
    </message>
    <message>
        <source>%1 s ago</source>
        <translation>vor %1 s</translation>
    </message>
    <message>
        <source>budget</source>
        <translation>Budget</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ModelsDialog</name>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Everything runs on this machine; this program never downloads by itself. Weights that you have can be dropped here: their size, content and every tensor are checked before they are put in place.</source>
        <translation>Alles läuft auf diesem Rechner; dieses Programm lädt nie von selbst etwas herunter. Vorhandene Gewichte können hier abgelegt werden: Größe, Inhalt und jeder Tensor werden geprüft, bevor sie an ihren Platz kommen.</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>Engine</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>Was zu tun ist</translation>
    </message>
    <message>
        <source>About the selected engine</source>
        <translation>Über die gewählte Engine</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Add a file…</source>
        <translation>Datei hinzufügen…</translation>
    </message>
    <message>
        <source>A checkpoint or model file from your disk; which engine it belongs to is recognised</source>
        <translation>Ein Checkpoint oder eine Modelldatei vom Datenträger; zu welcher Engine sie gehört, wird erkannt</translation>
    </message>
    <message>
        <source>Add a model file</source>
        <translation>Modelldatei hinzufügen</translation>
    </message>
    <message>
        <source>Model files (*.safetensors *.pt *.pth *.ckpt *.bin *.tflite);;All files (*)</source>
        <translation>Modelldateien (*.safetensors *.pt *.pth *.ckpt *.bin *.tflite);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>✓ ready</source>
        <translation>✓ bereit</translation>
    </message>
    <message>
        <source>not in this version</source>
        <translation>nicht enthalten</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>fehlt</translation>
    </message>
    <message>
        <source>From: %1 &amp;nbsp; Place: %2</source>
        <translation>Von: %1 &amp;nbsp; Ort: %2</translation>
    </message>
    <message>
        <source>built in</source>
        <translation>eingebaut</translation>
    </message>
    <message>
        <source>Checking %1 …</source>
        <translation>%1 wird geprüft …</translation>
    </message>
    <message>
        <source>✓ Sound, and put in place: %1</source>
        <translation>✓ Einwandfrei und an seinem Platz: %1</translation>
    </message>
</context>
<context>
    <name>body4d::ui::PreferencesDialog</name>
    <message>
        <source>Preferences</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Looks</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Design</translation>
    </message>
    <message>
        <source>As the system says</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Of the whole interface; takes effect at the next start</source>
        <translation>Der ganzen Oberfläche; wirkt ab dem nächsten Start</translation>
    </message>
    <message>
        <source>takes effect at the next start</source>
        <translation>wirkt ab dem nächsten Start</translation>
    </message>
    <message>
        <source>Size of the interface</source>
        <translation>Größe der Oberfläche</translation>
    </message>
    <message>
        <source>Chinese (no font has its letters)</source>
        <translation>Chinesisch (keine Schrift hat die Zeichen)</translation>
    </message>
    <message>
        <source>Of the window; files and the command line stay English. Takes effect at the next start</source>
        <translation>Des Fensters; Dateien und die Kommandozeile bleiben englisch. Wirkt ab dem nächsten Start</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Opacity of masks</source>
        <translation>Deckkraft der Masken</translation>
    </message>
    <message>
        <source>Behaviour</source>
        <translation>Verhalten</translation>
    </message>
    <message>
        <source>Volume of the sound</source>
        <translation>Lautstärke</translation>
    </message>
    <message>
        <source>Open the last project</source>
        <translation>Letztes Projekt öffnen</translation>
    </message>
    <message>
        <source>At the start</source>
        <translation>Beim Start</translation>
    </message>
    <message>
        <source>Keyboard shortcuts…</source>
        <translation>Tastenkürzel…</translation>
    </message>
    <message>
        <source>Every edit is saved as it is made. Drafts are kept in %1 until you save them elsewhere.</source>
        <translation>Jede Änderung wird sofort gespeichert. Entwürfe liegen in %1, bis sie anderswo gespeichert werden.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ProjectController</name>
    <message>
        <source>This project is open read-only.</source>
        <translation>Dieses Projekt ist schreibgeschützt geöffnet.</translation>
    </message>
    <message>
        <source>Another program holds it. Close that one, or save a copy to edit.</source>
        <translation>Ein anderes Programm hält es. Jenes schließen oder zum Bearbeiten eine Kopie speichern.</translation>
    </message>
    <message>
        <source>Add person</source>
        <translation>Person hinzufügen</translation>
    </message>
    <message>
        <source>Delete person</source>
        <translation>Person löschen</translation>
    </message>
    <message>
        <source>Rename person</source>
        <translation>Person umbenennen</translation>
    </message>
    <message>
        <source>Change colour</source>
        <translation>Farbe ändern</translation>
    </message>
    <message>
        <source>Change body of person %1</source>
        <translation>Körper von Person %1 ändern</translation>
    </message>
    <message>
        <source>New person</source>
        <translation>Neue Person</translation>
    </message>
    <message>
        <source>Add point</source>
        <translation>Punkt hinzufügen</translation>
    </message>
    <message>
        <source>Exclude point</source>
        <translation>Punkt ausschließen</translation>
    </message>
    <message>
        <source>Move point</source>
        <translation>Punkt verschieben</translation>
    </message>
    <message>
        <source>Remove point</source>
        <translation>Punkt entfernen</translation>
    </message>
    <message>
        <source>Draw box</source>
        <translation>Rahmen ziehen</translation>
    </message>
    <message>
        <source>Remove box</source>
        <translation>Rahmen entfernen</translation>
    </message>
    <message>
        <source>Remove points of this frame</source>
        <translation>Punkte dieses Bildes entfernen</translation>
    </message>
    <message numerus="yes">
        <source>Add %n people</source>
        <translation>
            <numerusform>%n Person hinzufügen</numerusform>
            <numerusform>%n Personen hinzufügen</numerusform>
        </translation>
    </message>
    <message>
        <source>Import masks</source>
        <translation>Masken importieren</translation>
    </message>
    <message>
        <source>Swap people</source>
        <translation>Personen tauschen</translation>
    </message>
    <message>
        <source>Split person</source>
        <translation>Person teilen</translation>
    </message>
    <message>
        <source>Merge people</source>
        <translation>Personen zusammenführen</translation>
    </message>
    <message>
        <source>Not in the picture</source>
        <translation>Nicht im Bild</translation>
    </message>
    <message>
        <source>In the picture</source>
        <translation>Im Bild</translation>
    </message>
    <message>
        <source>Take verdict back</source>
        <translation>Urteil zurücknehmen</translation>
    </message>
    <message>
        <source>Accept completed frames</source>
        <translation>Ergänzte Bilder annehmen</translation>
    </message>
    <message>
        <source>Reject completed frames</source>
        <translation>Ergänzte Bilder ablehnen</translation>
    </message>
    <message>
        <source>Change range</source>
        <translation>Bereich ändern</translation>
    </message>
    <message>
        <source>Change %1</source>
        <translation>%1 ändern</translation>
    </message>
</context>
<context>
    <name>body4d::ui::RunPanel</name>
    <message>
        <source>Smooth place</source>
        <translation>Ort glätten</translation>
    </message>
    <message>
        <source>Smooth torso</source>
        <translation>Rumpf glätten</translation>
    </message>
    <message>
        <source>Smooth arms</source>
        <translation>Arme glätten</translation>
    </message>
    <message>
        <source>Smooth legs</source>
        <translation>Beine glätten</translation>
    </message>
    <message>
        <source>Smooth head</source>
        <translation>Kopf glätten</translation>
    </message>
    <message>
        <source>balanced</source>
        <translation>ausgewogen</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>sparsam</translation>
    </message>
    <message>
        <source>quality</source>
        <translation>hochwertig</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation>Segmentierung</translation>
    </message>
    <message>
        <source>Body</source>
        <translation>Körper</translation>
    </message>
    <message>
        <source>Completion</source>
        <translation>Ergänzung</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Ground</source>
        <translation>Boden</translation>
    </message>
    <message>
        <source>Scene</source>
        <translation>Szene</translation>
    </message>
    <message>
        <source>Tracking</source>
        <translation>Verfolgung</translation>
    </message>
    <message>
        <source>Fitting bodies</source>
        <translation>Körperanpassung</translation>
    </message>
    <message>
        <source>Completing</source>
        <translation>Ergänzung</translation>
    </message>
    <message>
        <source>Finding the ground</source>
        <translation>Bodensuche</translation>
    </message>
    <message>
        <source>Reconstructing the scene</source>
        <translation>Szenenrekonstruktion</translation>
    </message>
    <message>
        <source>Exporting</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>every frame</source>
        <translation>jedes Bild</translation>
    </message>
    <message>
        <source>Hands</source>
        <translation>Hände</translation>
    </message>
    <message>
        <source>How strongly time smooths all limbs: 0 none, 1 usual, 4 strong. Each limb has a field of its own below the arrow.</source>
        <translation>Wie stark alle Gliedmaßen über die Zeit geglättet werden: 0 nicht, 1 üblich, 4 stark. Unter dem Pfeil hat jedes ein eigenes Feld.</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>Glättung</translation>
    </message>
    <message>
        <source>Change smoothing</source>
        <translation>Glättung ändern</translation>
    </message>
    <message>
        <source>Hold feet</source>
        <translation>Füße fixieren</translation>
    </message>
    <message>
        <source>Foot lock</source>
        <translation>Fußfixierung</translation>
    </message>
    <message>
        <source>own</source>
        <translation>eigene</translation>
    </message>
    <message>
        <source>Resolution and points together, as Depth Anything 3&apos;s programs name them</source>
        <translation>Auflösung und Punkte zusammen, benannt wie in den Programmen von Depth Anything 3</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>Voreinstellung</translation>
    </message>
    <message>
        <source>what memory holds</source>
        <translation>was der Speicher fasst</translation>
    </message>
    <message>
        <source>Choose the preset %1</source>
        <translation>Voreinstellung %1 wählen</translation>
    </message>
    <message>
        <source>No weights yet: &lt;a href=&apos;help.models&apos;&gt;what to add&lt;/a&gt;, &lt;a href=&apos;run.sceneWeights&apos;&gt;choose a file&lt;/a&gt;</source>
        <translation>Noch keine Gewichte: &lt;a href=&apos;help.models&apos;&gt;was fehlt&lt;/a&gt;, &lt;a href=&apos;run.sceneWeights&apos;&gt;Datei wählen&lt;/a&gt;</translation>
    </message>
    <message>
        <source>models folder</source>
        <translation>Modellordner</translation>
    </message>
    <message>
        <source>Those in the models folder; or choose a file of your own</source>
        <translation>Die im Modellordner; oder eine eigene Datei wählen</translation>
    </message>
    <message>
        <source> frames</source>
        <translation> Bilder</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>Stapelgröße</translation>
    </message>
    <message>
        <source> GiB</source>
        <translation> GiB</translation>
    </message>
    <message>
        <source>what is free</source>
        <translation>was frei ist</translation>
    </message>
    <message>
        <source>Budget</source>
        <translation>Budget</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>Bereich</translation>
    </message>
    <message>
        <source>Set with I (in) and O (out) at the time cursor</source>
        <translation>Mit I (In) und O (Out) am Zeitzeiger setzen</translation>
    </message>
    <message>
        <source>Estimate</source>
        <translation>Schätzung</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>%1: starting</source>
        <translation>%1: startet</translation>
    </message>
    <message>
        <source>Cancel keeps what is finished.</source>
        <translation>Abbrechen behält, was fertig ist.</translation>
    </message>
    <message>
        <source>Stopping; finished frames are kept</source>
        <translation>Wird angehalten; fertige Bilder bleiben erhalten</translation>
    </message>
    <message>
        <source>Paused at %1 of %2</source>
        <translation>Angehalten bei %1 von %2</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Memory is free; Resume goes on from here.</source>
        <translation>Der Speicher ist frei; „Fortsetzen“ macht hier weiter.</translation>
    </message>
    <message>
        <source>  (mixed)</source>
        <translation>  (gemischt)</translation>
    </message>
    <message>
        <source>in %1 – out %2</source>
        <translation>In %1 – Out %2</translation>
    </message>
    <message>
        <source>–</source>
        <translation>–</translation>
    </message>
    <message>
        <source>≈ %1; half of it saves %2</source>
        <translation>≈ %1; die Hälfte spart %2</translation>
    </message>
    <message>
        <source>the least memory, but slower</source>
        <translation>am wenigsten Speicher, aber langsamer</translation>
    </message>
    <message>
        <source>Results are the same with every batch size.</source>
        <translation>Die Ergebnisse sind mit jeder Stapelgröße gleich.</translation>
    </message>
    <message>
        <source>Everything is up to date</source>
        <translation>Alles ist aktuell</translation>
    </message>
    <message>
        <source>Together about %1</source>
        <translation>Zusammen etwa %1</translation>
    </message>
    <message>
        <source>%1 peak</source>
        <translation>Spitze %1</translation>
    </message>
    <message>
        <source>%1. %2, waits</source>
        <translation>%1. %2, wartet</translation>
    </message>
    <message>
        <source>Take %1 out of the queue</source>
        <translation>%1 aus der Warteschlange nehmen</translation>
    </message>
    <message>
        <source>: %1 %</source>
        <translation>: %1 %</translation>
    </message>
    <message>
        <source>: %1 of %2</source>
        <translation>: %1 von %2</translation>
    </message>
    <message>
        <source>%1 person-frames/s</source>
        <translation>%L1 Personenbilder/s</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>noch %1</translation>
    </message>
    <message>
        <source>%1 elapsed</source>
        <translation>%1 vergangen</translation>
    </message>
    <message>
        <source>Camera: %1</source>
        <translation>Kamera: %1</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ScenePanel</name>
    <message>
        <source>Scene</source>
        <translation>Szene</translation>
    </message>
    <message>
        <source>Field of view of the video&apos;s camera</source>
        <translation>Blickwinkel der Kamera des Videos</translation>
    </message>
    <message>
        <source>Of the picture&apos;s longer side. Bodies and ground are computed from it: a run brings them up to date.</source>
        <translation>Der längeren Bildseite. Körper und Boden werden daraus berechnet: Eine Berechnung bringt sie auf den neuen Stand.</translation>
    </message>
    <message>
        <source>Field of view</source>
        <translation>Blickwinkel</translation>
    </message>
    <message>
        <source>not measured yet; </source>
        <translation>noch nicht gemessen; </translation>
    </message>
    <message>
        <source>measured by %1; </source>
        <translation>gemessen von %1; </translation>
    </message>
    <message>
        <source>from frame %1: %2°, %3 px
</source>
        <translation>ab Bild %1: %L2°, %L3 px
</translation>
    </message>
    <message>
        <source>focal length %1 px, a %2 mm lens</source>
        <translation>Brennweite %L1 px, ein %L2-mm-Objektiv</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>%1
%2: %L3 points, %L4 triangles%5</source>
        <translation>%1
%2: %L3 Punkte, %L4 Dreiecke%5</translation>
    </message>
    <message>
        <source>Options of %1</source>
        <translation>Optionen von %1</translation>
    </message>
    <message>
        <source>Show it whole</source>
        <translation>Ganz zeigen</translation>
    </message>
    <message>
        <source>What is up</source>
        <translation>Wo oben ist</translation>
    </message>
    <message>
        <source>As the file says</source>
        <translation>Wie in der Datei</translation>
    </message>
    <message>
        <source>Y</source>
        <translation>Y</translation>
    </message>
    <message>
        <source>−Y (computer vision)</source>
        <translation>−Y (Computer Vision)</translation>
    </message>
    <message>
        <source>Z</source>
        <translation>Z</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>Punkte</translation>
    </message>
    <message>
        <source>Size of points</source>
        <translation>Größe der Punkte</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Colour of points</source>
        <translation>Farbe der Punkte</translation>
    </message>
    <message>
        <source>Own colours</source>
        <translation>Eigene Farben</translation>
    </message>
    <message>
        <source>One colour</source>
        <translation>Eine Farbe</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>Höhe</translation>
    </message>
    <message>
        <source>Confidence</source>
        <translation>Konfidenz</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Entfernung</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <source>Hide the points that are least sure, percent</source>
        <translation>Die unsichersten Punkte ausblenden, Prozent</translation>
    </message>
    <message>
        <source>Nothing is computed anew: the points are only hidden.</source>
        <translation>Nichts wird neu berechnet: Die Punkte werden nur ausgeblendet.</translation>
    </message>
    <message>
        <source>Every point, however sure</source>
        <translation>Jeder Punkt, wie sicher auch immer</translation>
    </message>
    <message>
        <source>Without the %1 % least sure</source>
        <translation>Ohne die %1 % unsichersten</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ShortcutSheet</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Search a command or a key</source>
        <translation>Befehl oder Taste suchen</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Taste</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>New key</source>
        <translation>Neue Taste</translation>
    </message>
    <message>
        <source>Set key</source>
        <translation>Taste setzen</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>Standard</translation>
    </message>
    <message>
        <source>Change the selected one:</source>
        <translation>Gewähltes ändern:</translation>
    </message>
    <message>
        <source>Video: left click includes, right click (or Ctrl+click) excludes, click a point to remove it, drag to move it, wheel zooms, middle button pans.
3D: drag orbits, middle button or Shift+drag pans, wheel zooms to the cursor, double click sets the centre.</source>
        <translation>Video: Linksklick nimmt hinzu, Rechtsklick (oder Strg+Klick) schließt aus, Klick auf einen Punkt entfernt ihn, Ziehen bewegt ihn, Mausrad zoomt, mittlere Taste verschiebt.
3D: Ziehen dreht, mittlere Taste oder Umschalt+Ziehen verschiebt, Mausrad zoomt zum Mauszeiger, Doppelklick setzt die Mitte.</translation>
    </message>
    <message>
        <source>This key belongs to “%1”; setting it here takes it from there.</source>
        <translation>Diese Taste gehört zu „%1“; wird sie hier gesetzt, verliert sie ihren Platz dort.</translation>
    </message>
</context>
<context>
    <name>body4d::ui::StageRow</name>
    <message>
        <source>%1: estimate</source>
        <translation>%1: Schätzung</translation>
    </message>
    <message>
        <source>Options of %1</source>
        <translation>Optionen von %1</translation>
    </message>
    <message>
        <source>More options of this stage</source>
        <translation>Weitere Optionen dieser Stufe</translation>
    </message>
    <message>
        <source>Engine of %1</source>
        <translation>Engine für %1</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>Aktuell</translation>
    </message>
    <message>
        <source>Nothing to do here</source>
        <translation>Hier ist nichts zu tun</translation>
    </message>
    <message>
        <source>~ %1</source>
        <translation>~ %1</translation>
    </message>
    <message numerus="yes">
        <source>%n frames; %1</source>
        <translation>
            <numerusform>%n Bild; %1</numerusform>
            <numerusform>%n Bilder; %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n frames of people; %1</source>
        <translation>
            <numerusform>%n Personenbild; %1</numerusform>
            <numerusform>%n Personenbilder; %1</numerusform>
        </translation>
    </message>
    <message>
        <source>from earlier runs on this machine</source>
        <translation>aus früheren Berechnungen auf diesem Rechner</translation>
    </message>
    <message>
        <source>a first guess, until it was measured here</source>
        <translation>eine erste Schätzung, bis hier gemessen wurde</translation>
    </message>
</context>
<context>
    <name>body4d::ui::TargetModel</name>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Person %1, %2, %3</source>
        <translation>Person %1, %2, %3</translation>
    </message>
    <message>
        <source>shown</source>
        <translation>sichtbar</translation>
    </message>
    <message>
        <source>hidden</source>
        <translation>ausgeblendet</translation>
    </message>
    <message>
        <source>%1 — click to select (%2), double click to rename</source>
        <translation>%1 — Klick wählt (%2), Doppelklick benennt um</translation>
    </message>
</context>
<context>
    <name>body4d::ui::TargetPanel</name>
    <message>
        <source>Adult</source>
        <translation>Erwachsen</translation>
    </message>
    <message>
        <source>Older</source>
        <translation>Älter</translation>
    </message>
    <message>
        <source>Child</source>
        <translation>Kind</translation>
    </message>
    <message>
        <source>Toddler</source>
        <translation>Kleinkind</translation>
    </message>
    <message>
        <source>From silhouette</source>
        <translation>Aus der Silhouette</translation>
    </message>
    <message>
        <source>Slim</source>
        <translation>Schlank</translation>
    </message>
    <message>
        <source>Average</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>Heavy</source>
        <translation>Kräftig</translation>
    </message>
    <message>
        <source>Nobody yet. Click a person in the video, or let all be found.</source>
        <translation>Noch niemand. Eine Person im Video anklicken oder alle finden lassen.</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Personen</translation>
    </message>
    <message>
        <source> cm</source>
        <translation> cm</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>Unbekannt</translation>
    </message>
    <message>
        <source>How tall this person is; one view cannot tell. Sets the scale of the whole scene.</source>
        <translation>Wie groß diese Person ist; eine Ansicht allein verrät es nicht. Bestimmt den Maßstab der ganzen Szene.</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>Körpergröße</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>Alter</translation>
    </message>
    <message>
        <source>Build</source>
        <translation>Statur</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Ausblenden</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Solo</source>
        <translation>Solo</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>Entsperren</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>Sperren</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Colour…</source>
        <translation>Farbe…</translation>
    </message>
    <message>
        <source>Selected: %1</source>
        <translation>Gewählt: %1</translation>
    </message>
    <message>
        <source>Seen in %1 of %2 frames</source>
        <translation>In %1 von %2 Bildern gesehen</translation>
    </message>
    <message>
        <source>Not run yet</source>
        <translation>Noch nicht berechnet</translation>
    </message>
    <message>
        <source>2D error %1 % of height</source>
        <translation>2D-Fehler %L1 % der Körpergröße</translation>
    </message>
    <message>
        <source>Silhouette overlap %1 (IoU)</source>
        <translation>Deckung der Silhouette %L1 (IoU)</translation>
    </message>
    <message>
        <source>One shape for the whole clip</source>
        <translation>Eine Körperform für den ganzen Clip</translation>
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
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Frame number</source>
        <translation>Bildnummer</translation>
    </message>
    <message>
        <source>Type a frame number (G)</source>
        <translation>Bildnummer eingeben (G)</translation>
    </message>
    <message>
        <source>Playback speed</source>
        <translation>Wiedergabetempo</translation>
    </message>
    <message>
        <source>Playback speed (J, K, L)</source>
        <translation>Wiedergabetempo (J, K, L)</translation>
    </message>
    <message>
        <source>/ %1</source>
        <translation>/ %1</translation>
    </message>
    <message>
        <source>  ·  %1 fps</source>
        <translation>  ·  %L1 fps</translation>
    </message>
    <message>
        <source>  ·  in %1 – out %2</source>
        <translation>  ·  In %1 – Out %2</translation>
    </message>
</context>
<context>
    <name>body4d::ui::VideoCanvas</name>
    <message>
        <source>Video</source>
        <translation>Video</translation>
    </message>
    <message>
        <source>Left click includes, right click excludes; C shows a cross for the keyboard</source>
        <translation>Linksklick nimmt hinzu, Rechtsklick schließt aus; C zeigt ein Fadenkreuz für die Tastatur</translation>
    </message>
    <message>
        <source>Video · frame %1</source>
        <translation>Video · Bild %1</translation>
    </message>
    <message>
        <source> · completed</source>
        <translation> · ergänzt</translation>
    </message>
    <message>
        <source> · hidden</source>
        <translation> · verdeckt</translation>
    </message>
</context>
<context>
    <name>body4d::ui::ViewportWidget</name>
    <message>
        <source>How well the body fits</source>
        <translation>Wie gut der Körper passt</translation>
    </message>
    <message>
        <source>well</source>
        <translation>gut</translation>
    </message>
    <message>
        <source>look here</source>
        <translation>hier ansehen</translation>
    </message>
    <message>
        <source>How well each part was seen</source>
        <translation>Wie gut jeder Teil zu sehen war</translation>
    </message>
    <message>
        <source>clearly</source>
        <translation>klar</translation>
    </message>
    <message>
        <source>guessed</source>
        <translation>vermutet</translation>
    </message>
    <message>
        <source>Difference, mm</source>
        <translation>Abweichung, mm</translation>
    </message>
    <message>
        <source>Away from “%1”, mm</source>
        <translation>Entfernt von „%1“, mm</translation>
    </message>
    <message>
        <source>Height, metres</source>
        <translation>Höhe, Meter</translation>
    </message>
    <message>
        <source>Share of points that are less sure</source>
        <translation>Anteil der Punkte, die unsicherer sind</translation>
    </message>
    <message>
        <source>0 %</source>
        <translation>0 %</translation>
    </message>
    <message>
        <source>50 %</source>
        <translation>50 %</translation>
    </message>
    <message>
        <source>100 %</source>
        <translation>100 %</translation>
    </message>
    <message>
        <source>Distance from the eye</source>
        <translation>Entfernung vom Auge</translation>
    </message>
    <message>
        <source>near</source>
        <translation>nah</translation>
    </message>
    <message>
        <source>far</source>
        <translation>fern</translation>
    </message>
    <message>
        <source>nothing to compare here</source>
        <translation>hier gibt es nichts zu vergleichen</translation>
    </message>
    <message>
        <source>mean %1 mm, most %2 mm</source>
        <translation>Mittel %L1 mm, höchstens %L2 mm</translation>
    </message>
    <message>
        <source>%1 m</source>
        <translation>%L1 m</translation>
    </message>
    <message>
        <source>3D view</source>
        <translation>3D-Ansicht</translation>
    </message>
    <message>
        <source>Bodies in space; drag to orbit, middle button to pan, wheel to zoom</source>
        <translation>Körper im Raum; Ziehen dreht, mittlere Taste verschiebt, Mausrad zoomt</translation>
    </message>
    <message>
        <source>3D · grid of 1 m</source>
        <translation>3D · Raster 1 m</translation>
    </message>
    <message>
        <source>The bodies appear here, in metres, as soon as a run starts.</source>
        <translation>Hier erscheinen die Körper, in Metern, sobald eine Berechnung beginnt.</translation>
    </message>
    <message>
        <source>Distance: click the first place</source>
        <translation>Abstand: die erste Stelle anklicken</translation>
    </message>
    <message>
        <source>Distance: click the second place</source>
        <translation>Abstand: die zweite Stelle anklicken</translation>
    </message>
</context>
<context>
    <name>body4d::ui::WipeHandle</name>
    <message>
        <source>raw</source>
        <translation>roh</translation>
    </message>
    <message>
        <source>smoothed</source>
        <translation>geglättet</translation>
    </message>
    <message>
        <source>Wipe between %1 and %2</source>
        <translation>Wischvergleich zwischen %1 und %2</translation>
    </message>
    <message>
        <source>Left: %1. Right: %2. Drag, or use the arrow keys.</source>
        <translation>Links: %1. Rechts: %2. Ziehen oder die Pfeiltasten verwenden.</translation>
    </message>
</context>
<context>
    <name>core</name>
    <message>
        <source>Completion</source>
        <translation>Ergänzung</translation>
    </message>
    <message>
        <source>Fill in poses while a person is hidden.</source>
        <translation>Posen einsetzen, solange eine Person verdeckt ist.</translation>
    </message>
    <message>
        <source>Longest gap</source>
        <translation>Längste Lücke</translation>
    </message>
    <message>
        <source>Longer stretches without any measurement are not filled in.</source>
        <translation>Längere Abschnitte ohne jede Messung werden nicht ergänzt.</translation>
    </message>
    <message>
        <source>Visible share</source>
        <translation>Sichtbarer Anteil</translation>
    </message>
    <message>
        <source>A frame counts as hidden where less of the silhouette is seen, relative to usual.</source>
        <translation>Ein Bild gilt als verdeckt, wo weniger von der Silhouette zu sehen ist, bezogen auf das Übliche.</translation>
    </message>
    <message>
        <source>Checkpoint folder</source>
        <translation>Checkpoint-Ordner</translation>
    </message>
    <message>
        <source>Folder of checkpoints as SAM-Body4D lays them out; empty: the program&apos;s own models folder.</source>
        <translation>Ordner mit Checkpoints in der Anordnung von SAM-Body4D; leer: der eigene Modellordner des Programms.</translation>
    </message>
    <message>
        <source>SAM 3 checkpoint</source>
        <translation>SAM-3-Checkpoint</translation>
    </message>
    <message>
        <source>Weights of SAM 3; empty: sam3/sam3.pt in the checkpoint folder, or the models folder.</source>
        <translation>Gewichte von SAM 3; leer: sam3/sam3.pt im Checkpoint-Ordner oder der Modellordner.</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>Stapelgröße</translation>
    </message>
    <message>
        <source>Frames per saved batch and crops per network call; more needs more memory, results are the same.</source>
        <translation>Bilder je gespeichertem Stapel und Ausschnitte je Netzaufruf; mehr braucht mehr Speicher, die Ergebnisse sind dieselben.</translation>
    </message>
    <message>
        <source>Window of SAM-Body4D</source>
        <translation>Fenster von SAM-Body4D</translation>
    </message>
    <message>
        <source>Frames that compat smooths together, knowing nothing of others; there it is the batch size.</source>
        <translation>Bilder, die „compat“ zusammen glättet, ohne andere zu kennen; dort ist es die Stapelgröße.</translation>
    </message>
    <message>
        <source>SAM 3D Body checkpoint</source>
        <translation>SAM-3D-Body-Checkpoint</translation>
    </message>
    <message>
        <source>Weights of SAM 3D Body; empty: sam-3d-body-dinov3/model.ckpt in the checkpoint folder.</source>
        <translation>Gewichte von SAM 3D Body; leer: sam-3d-body-dinov3/model.ckpt im Checkpoint-Ordner.</translation>
    </message>
    <message>
        <source>MHR body model</source>
        <translation>Körpermodell MHR</translation>
    </message>
    <message>
        <source>The body model; empty: sam-3d-body-dinov3/assets/mhr_model.pt in the checkpoint folder.</source>
        <translation>Das Körpermodell; leer: sam-3d-body-dinov3/assets/mhr_model.pt im Checkpoint-Ordner.</translation>
    </message>
    <message>
        <source>MoGe-2 checkpoint</source>
        <translation>MoGe-2-Checkpoint</translation>
    </message>
    <message>
        <source>Weights of MoGe-2; empty: moge-2-vitl-normal/model.pt in the checkpoint folder.</source>
        <translation>Gewichte von MoGe-2; leer: moge-2-vitl-normal/model.pt im Checkpoint-Ordner.</translation>
    </message>
    <message>
        <source>SAM 3D Body looks at</source>
        <translation>SAM 3D Body betrachtet</translation>
    </message>
    <message>
        <source>What sam3d_body looks at: bodies, or also every hand that is large enough, at three times the work.</source>
        <translation>Was sam3d_body betrachtet: Körper, oder auch jede genügend große Hand, bei dreifacher Arbeit.</translation>
    </message>
    <message>
        <source>Output folder</source>
        <translation>Ausgabeordner</translation>
    </message>
    <message>
        <source>Where runs without -o put their results; empty: -o is needed.</source>
        <translation>Wohin Berechnungen ohne -o ihre Ergebnisse legen; leer: -o ist nötig.</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Where networks on LibTorch run; auto: the first NVIDIA GPU, else the CPU. blazepose always takes the CPU.</source>
        <translation>Wo Netze auf LibTorch laufen; automatisch: die erste NVIDIA-GPU, sonst die CPU. blazepose nimmt immer die CPU.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Numbers of networks on a GPU: auto takes half precision where its authors do; float32 is exact and slower.</source>
        <translation>Zahlen der Netze auf einer GPU: Automatisch nimmt halbe Genauigkeit, wo es die Autoren tun; float32 ist exakt und langsamer.</translation>
    </message>
    <message>
        <source>Memory budget</source>
        <translation>Speicherbudget</translation>
    </message>
    <message>
        <source>Memory that may be used; 0: what is free less a margin.</source>
        <translation>Speicher, der belegt werden darf; 0: was frei ist, abzüglich einer Reserve.</translation>
    </message>
    <message>
        <source>Segmenter</source>
        <translation>Segmentierer</translation>
    </message>
    <message>
        <source>Engine that turns clicks into masks.</source>
        <translation>Engine, die aus Klicks Masken macht.</translation>
    </message>
    <message>
        <source>Completer</source>
        <translation>Ergänzer</translation>
    </message>
    <message>
        <source>Engine that fills in hidden people.</source>
        <translation>Engine, die verdeckte Personen ergänzt.</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Engine that finds the field of view.</source>
        <translation>Engine, die den Blickwinkel findet.</translation>
    </message>
    <message>
        <source>Body</source>
        <translation>Körper</translation>
    </message>
    <message>
        <source>Engine that turns people into 3D bodies.</source>
        <translation>Engine, die aus Personen 3D-Körper macht.</translation>
    </message>
    <message>
        <source>Scene</source>
        <translation>Szene</translation>
    </message>
    <message>
        <source>Network that turns the video into cameras and a point cloud of the place; none: no scene.</source>
        <translation>Netz, das aus dem Video Kameras und eine Punktwolke der Umgebung macht; keine: ohne Szene.</translation>
    </message>
    <message>
        <source>Compatibility</source>
        <translation>Kompatibilität</translation>
    </message>
    <message>
        <source>Decide as SAM-Body4D does, mistakes included: SAM 3 shares one memory among all people, SAM 3D Body smooths in windows and takes shapes from first frames.</source>
        <translation>Entscheiden wie SAM-Body4D, Fehler inbegriffen: SAM 3 teilt ein Gedächtnis unter allen Personen, SAM 3D Body glättet in Fenstern und nimmt Körperformen von ersten Bildern.</translation>
    </message>
    <message>
        <source>Scene weights</source>
        <translation>Gewichte der Szene</translation>
    </message>
    <message>
        <source>File or folder of own weights for the scene&apos;s engine; auto: those in the models folder.</source>
        <translation>Datei oder Ordner mit eigenen Gewichten für die Engine der Szene; automatisch: die im Modellordner.</translation>
    </message>
    <message>
        <source>Resolution</source>
        <translation>Auflösung</translation>
    </message>
    <message>
        <source>Longer side of the pictures that the scene&apos;s network sees; time and memory grow with its square.</source>
        <translation>Längere Seite der Bilder, die das Netz der Szene sieht; Zeit und Speicher wachsen mit ihrem Quadrat.</translation>
    </message>
    <message>
        <source>Pictures a second</source>
        <translation>Bilder je Sekunde</translation>
    </message>
    <message>
        <source>How many frames of a second of video the scene is made of.</source>
        <translation>Aus wie vielen Bildern je Sekunde Video die Szene entsteht.</translation>
    </message>
    <message>
        <source>Frames per pass</source>
        <translation>Bilder je Durchgang</translation>
    </message>
    <message>
        <source>Frames that the network sees together; passes are aligned afterwards. 0: as many as the memory holds.</source>
        <translation>Bilder, die das Netz zusammen sieht; Durchgänge werden danach ausgerichtet. 0: so viele, wie der Speicher fasst.</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>Punkte</translation>
    </message>
    <message>
        <source>Most points of the scene&apos;s cloud, spread over space.</source>
        <translation>Höchstzahl der Punkte der Szenenwolke, im Raum verteilt.</translation>
    </message>
    <message>
        <source>Without people</source>
        <translation>Ohne Personen</translation>
    </message>
    <message>
        <source>Leaves the tracked people out of the scene&apos;s cloud: their bodies stand there instead.</source>
        <translation>Lässt die verfolgten Personen aus der Szenenwolke weg: Dort stehen stattdessen ihre Körper.</translation>
    </message>
    <message>
        <source>Hardware decoding</source>
        <translation>Hardware-Decodierung</translation>
    </message>
    <message>
        <source>Try the machine&apos;s video decoder first.</source>
        <translation>Zuerst den Videodecoder des Rechners versuchen.</translation>
    </message>
    <message>
        <source>Sharpen masks</source>
        <translation>Masken schärfen</translation>
    </message>
    <message>
        <source>Mask edges follow the edges of the picture.</source>
        <translation>Maskenränder folgen den Kanten des Bildes.</translation>
    </message>
    <message>
        <source>Hands</source>
        <translation>Hände</translation>
    </message>
    <message>
        <source>Move the fingers where hands are large and clear enough.</source>
        <translation>Die Finger bewegen, wo Hände groß und klar genug sind.</translation>
    </message>
    <message>
        <source>Field of view</source>
        <translation>Blickwinkel</translation>
    </message>
    <message>
        <source>Field of view of the picture&apos;s longer side.</source>
        <translation>Blickwinkel der längeren Bildseite.</translation>
    </message>
    <message>
        <source>Detail of the field of view</source>
        <translation>Feinheit des Blickwinkels</translation>
    </message>
    <message>
        <source>Pieces that moge2 cuts a picture into; 1200 is three times faster.</source>
        <translation>Stücke, in die moge2 ein Bild zerlegt; 1200 ist dreimal schneller.</translation>
    </message>
    <message>
        <source>Bodies a second</source>
        <translation>Körper je Sekunde</translation>
    </message>
    <message>
        <source>How many frames of a second are made a body of; those between are interpolated and count as not measured. 0: every frame.</source>
        <translation>Zu wie vielen Bildern je Sekunde ein Körper entsteht; die dazwischen werden interpoliert und gelten als nicht gemessen. 0: jedes Bild.</translation>
    </message>
    <message>
        <source>Fit to silhouette</source>
        <translation>An Silhouette anpassen</translation>
    </message>
    <message>
        <source>Find the build from the masks.</source>
        <translation>Die Statur aus den Masken bestimmen.</translation>
    </message>
    <message>
        <source>Fit iterations</source>
        <translation>Anpassungsschritte</translation>
    </message>
    <message>
        <source>Most steps of the body fit.</source>
        <translation>Höchstzahl der Schritte der Körperanpassung.</translation>
    </message>
    <message>
        <source>Camera motion</source>
        <translation>Kamerabewegung</translation>
    </message>
    <message>
        <source>Whether the camera moved; auto measures it from the background.</source>
        <translation>Ob sich die Kamera bewegt hat; automatisch misst es am Hintergrund.</translation>
    </message>
    <message>
        <source>Foot locking</source>
        <translation>Fußfixierung</translation>
    </message>
    <message>
        <source>Keep planted feet where they are.</source>
        <translation>Stehende Füße bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>GLB mesh</source>
        <translation>GLB-Mesh</translation>
    </message>
    <message>
        <source>Skeleton animation, or the exact mesh of every frame (large).</source>
        <translation>Skelettanimation oder das exakte Mesh jedes Bildes (groß).</translation>
    </message>
    <message>
        <source>GLB influences</source>
        <translation>GLB-Einflüsse</translation>
    </message>
    <message>
        <source>Joints that move a vertex; every viewer reads 4, Blender and few others read 8.</source>
        <translation>Gelenke, die einen Vertex bewegen; jeder Betrachter liest 4, Blender und wenige andere lesen 8.</translation>
    </message>
    <message>
        <source>GLB end joints</source>
        <translation>GLB-Endgelenke</translation>
    </message>
    <message>
        <source>An end joint after every last joint, so that tools draw it at its length.</source>
        <translation>Ein Endgelenk nach jedem letzten Gelenk, damit Programme es in seiner Länge zeichnen.</translation>
    </message>
    <message>
        <source>GLB ground</source>
        <translation>GLB-Boden</translation>
    </message>
    <message>
        <source>A grid of lines on the ground.</source>
        <translation>Ein Linienraster auf dem Boden.</translation>
    </message>
    <message>
        <source>GLB camera</source>
        <translation>GLB-Kamera</translation>
    </message>
    <message>
        <source>The camera with its motion.</source>
        <translation>Die Kamera mit ihrer Bewegung.</translation>
    </message>
    <message>
        <source>Rig</source>
        <translation>Rig</translation>
    </message>
    <message>
        <source>Bone names in GLB and BVH.</source>
        <translation>Knochennamen in GLB und BVH.</translation>
    </message>
    <message>
        <source>Axes</source>
        <translation>Achsen</translation>
    </message>
    <message>
        <source>Axes of PLY and OBJ.</source>
        <translation>Achsen von PLY und OBJ.</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Raum</translation>
    </message>
    <message>
        <source>PLY and OBJ in the gravity-aligned world or in the camera.</source>
        <translation>PLY und OBJ in der lotrecht ausgerichteten Welt oder in der Kamera.</translation>
    </message>
    <message>
        <source>A file per person</source>
        <translation>Eine Datei je Person</translation>
    </message>
    <message>
        <source>One GLB for each person.</source>
        <translation>Ein GLB für jede Person.</translation>
    </message>
    <message>
        <source>Overlay bodies</source>
        <translation>Körper überlagern</translation>
    </message>
    <message>
        <source>Bodies over the overlay video.</source>
        <translation>Körper über dem Überlagerungsvideo.</translation>
    </message>
    <message>
        <source>Overlay opacity</source>
        <translation>Deckkraft</translation>
    </message>
    <message>
        <source>Of measured bodies in the overlay video; completed ones are fainter.</source>
        <translation>Der gemessenen Körper im Überlagerungsvideo; ergänzte sind blasser.</translation>
    </message>
    <message>
        <source>Overlay masks</source>
        <translation>Masken überlagern</translation>
    </message>
    <message>
        <source>Masks with their outlines over the overlay video.</source>
        <translation>Masken mit ihren Umrissen über dem Überlagerungsvideo.</translation>
    </message>
    <message>
        <source>Overlay skeleton</source>
        <translation>Skelett überlagern</translation>
    </message>
    <message>
        <source>Bones over the overlay video.</source>
        <translation>Knochen über dem Überlagerungsvideo.</translation>
    </message>
    <message>
        <source>Overlay labels</source>
        <translation>Namen überlagern</translation>
    </message>
    <message>
        <source>Number and name above everybody in the overlay video.</source>
        <translation>Nummer und Name über jeder Person im Überlagerungsvideo.</translation>
    </message>
    <message>
        <source>Video quality</source>
        <translation>Videoqualität</translation>
    </message>
    <message>
        <source>Of the overlay video; lower is better.</source>
        <translation>Des Überlagerungsvideos; kleiner ist besser.</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Ton</translation>
    </message>
    <message>
        <source>Keep the video&apos;s sound in the overlay video.</source>
        <translation>Den Ton des Videos im Überlagerungsvideo behalten.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>Of engines that draw random numbers.</source>
        <translation>Der Engines, die Zufallszahlen ziehen.</translation>
    </message>
    <message>
        <source>Smoothing, root</source>
        <translation>Glättung, Ort</translation>
    </message>
    <message>
        <source>Smoothing, torso</source>
        <translation>Glättung, Rumpf</translation>
    </message>
    <message>
        <source>Smoothing, arms</source>
        <translation>Glättung, Arme</translation>
    </message>
    <message>
        <source>Smoothing, legs</source>
        <translation>Glättung, Beine</translation>
    </message>
    <message>
        <source>Smoothing, head</source>
        <translation>Glättung, Kopf</translation>
    </message>
    <message>
        <source>How strongly time smooths the root: 0 none, 1 usual, 4 strong.</source>
        <translation>Wie stark der Ort über die Zeit geglättet wird: 0 nicht, 1 üblich, 4 stark.</translation>
    </message>
    <message>
        <source>How strongly time smooths the torso: 0 none, 1 usual, 4 strong.</source>
        <translation>Wie stark der Rumpf über die Zeit geglättet wird: 0 nicht, 1 üblich, 4 stark.</translation>
    </message>
    <message>
        <source>How strongly time smooths the arms: 0 none, 1 usual, 4 strong.</source>
        <translation>Wie stark die Arme über die Zeit geglättet werden: 0 nicht, 1 üblich, 4 stark.</translation>
    </message>
    <message>
        <source>How strongly time smooths the legs: 0 none, 1 usual, 4 strong.</source>
        <translation>Wie stark die Beine über die Zeit geglättet werden: 0 nicht, 1 üblich, 4 stark.</translation>
    </message>
    <message>
        <source>How strongly time smooths the head: 0 none, 1 usual, 4 strong.</source>
        <translation>Wie stark der Kopf über die Zeit geglättet wird: 0 nicht, 1 üblich, 4 stark.</translation>
    </message>
    <message>
        <source>frames</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>points</source>
        <translation>Punkte</translation>
    </message>
    <message>
        <source>GLB (animated skeleton)</source>
        <translation>GLB (bewegtes Skelett)</translation>
    </message>
    <message>
        <source>Everybody with skeleton, skin and camera in one glTF 2.0 file, for Blender, game engines and the web.</source>
        <translation>Alle mit Skelett, Haut und Kamera in einer glTF-2.0-Datei, für Blender, Spiele-Engines und das Web.</translation>
    </message>
    <message>
        <source>PLY (mesh per frame)</source>
        <translation>PLY (Mesh je Bild)</translation>
    </message>
    <message>
        <source>The mesh of every person and frame with normals and colours.</source>
        <translation>Das Mesh jeder Person und jedes Bildes mit Normalen und Farben.</translation>
    </message>
    <message>
        <source>npz (parameters and joints)</source>
        <translation>npz (Parameter und Gelenke)</translation>
    </message>
    <message>
        <source>Poses, joints, keypoints, shape and camera of every person as NumPy arrays.</source>
        <translation>Posen, Gelenke, Keypoints, Körperform und Kamera jeder Person als NumPy-Arrays.</translation>
    </message>
    <message>
        <source>MP4 (overlay)</source>
        <translation>MP4 (Überlagerung)</translation>
    </message>
    <message>
        <source>The video with the bodies drawn over it, with its sound.</source>
        <translation>Das Video mit den darübergezeichneten Körpern, mit seinem Ton.</translation>
    </message>
    <message>
        <source>PNG (masks)</source>
        <translation>PNG (Masken)</translation>
    </message>
    <message>
        <source>The mask of every person and frame at the video&apos;s size.</source>
        <translation>Die Maske jeder Person und jedes Bildes in der Größe des Videos.</translation>
    </message>
    <message>
        <source>COCO JSON</source>
        <translation>COCO-JSON</translation>
    </message>
    <message>
        <source>Masks as run lengths, boxes and body points in COCO&apos;s layout.</source>
        <translation>Masken als Lauflängen, Rahmen und Körperpunkte im Format von COCO.</translation>
    </message>
    <message>
        <source>OBJ (mesh per frame)</source>
        <translation>OBJ (Mesh je Bild)</translation>
    </message>
    <message>
        <source>The mesh of every person and frame as text, with materials.</source>
        <translation>Das Mesh jeder Person und jedes Bildes als Text, mit Materialien.</translation>
    </message>
    <message>
        <source>BVH (motion)</source>
        <translation>BVH (Bewegung)</translation>
    </message>
    <message>
        <source>The moving skeleton of every person, in centimetres.</source>
        <translation>Das bewegte Skelett jeder Person, in Zentimetern.</translation>
    </message>
    <message>
        <source>CSV (joints and metrics)</source>
        <translation>CSV (Gelenke und Kennzahlen)</translation>
    </message>
    <message>
        <source>Joint positions of every frame and quality figures as tables.</source>
        <translation>Gelenkpositionen jedes Bildes und Qualitätszahlen als Tabellen.</translation>
    </message>
    <message>
        <source>BlazePose tracker with masks (OpenVINO, CPU)</source>
        <translation>BlazePose-Verfolger mit Masken (OpenVINO, CPU)</translation>
    </message>
    <message>
        <source>BlazePose tracker with masks (LibTorch, NVIDIA GPU or CPU)</source>
        <translation>BlazePose-Verfolger mit Masken (LibTorch, NVIDIA-GPU oder CPU)</translation>
    </message>
    <message>
        <source>Hand landmarks (OpenVINO, CPU)</source>
        <translation>Handpunkte (OpenVINO, CPU)</translation>
    </message>
    <message>
        <source>Anny parametric body</source>
        <translation>Parametrischer Körper Anny</translation>
    </message>
    <message>
        <source>Motion prior and silhouettes</source>
        <translation>Bewegungsvorwissen und Silhouetten</translation>
    </message>
    <message>
        <source>SAM 3 tracker</source>
        <translation>SAM-3-Verfolger</translation>
    </message>
    <message>
        <source>EdgeTAM, a light tracker of masks</source>
        <translation>EdgeTAM, ein leichter Maskenverfolger</translation>
    </message>
    <message>
        <source>Depth Anything 3 small</source>
        <translation>Depth Anything 3 klein</translation>
    </message>
    <message>
        <source>Depth Anything 3 base</source>
        <translation>Depth Anything 3 Basis</translation>
    </message>
    <message>
        <source>Depth Anything 3 large</source>
        <translation>Depth Anything 3 groß</translation>
    </message>
    <message>
        <source>Depth Anything 3 giant</source>
        <translation>Depth Anything 3 riesig</translation>
    </message>
    <message>
        <source>Depth Anything 3 metric, one picture at a time</source>
        <translation>Depth Anything 3 metrisch, ein Bild auf einmal</translation>
    </message>
    <message>
        <source>Depth Anything 3 mono, one picture at a time</source>
        <translation>Depth Anything 3 mono, ein Bild auf einmal</translation>
    </message>
    <message>
        <source>Depth Anything 3 nested, in metres</source>
        <translation>Depth Anything 3 verschachtelt, in Metern</translation>
    </message>
    <message>
        <source>Apache-2.0; mesh CC0-1.0</source>
        <translation>Apache-2.0; Mesh CC0-1.0</translation>
    </message>
    <message>
        <source>SAM License</source>
        <translation>SAM License</translation>
    </message>
    <message>
        <source>see its model card</source>
        <translation>siehe Modellkarte</translation>
    </message>
    <message>
        <source>non-commercial; VGGT-1B-Commercial permits commercial use</source>
        <translation>nicht kommerziell; VGGT-1B-Commercial erlaubt kommerzielle Nutzung</translation>
    </message>
    <message>
        <source>built in</source>
        <translation>eingebaut</translation>
    </message>
    <message>
        <source>PyPI package %1</source>
        <translation>PyPI-Paket %1</translation>
    </message>
    <message>
        <source>It needs LibTorch: run packaging/setup.sh --torch on, or install the package body4d-torch.</source>
        <translation>Braucht LibTorch: packaging/setup.sh --torch on ausführen oder das Paket body4d-torch installieren.</translation>
    </message>
    <message>
        <source>Put %1 into %2, or run packaging/setup.sh, which takes it out of the package.</source>
        <translation>%1 nach %2 legen oder packaging/setup.sh ausführen, das es aus dem Paket holt.</translation>
    </message>
    <message>
        <source>Put %1 in place with body4d models add FILE.</source>
        <translation>%1 mit body4d models add DATEI an seinen Platz bringen.</translation>
    </message>
    <message>
        <source>Put %1 in place with body4d models add FILE, or fetch it with body4d models get %2.</source>
        <translation>%1 mit body4d models add DATEI an seinen Platz bringen oder mit body4d models get %2 holen.</translation>
    </message>
    <message>
        <source>This version of the program has no engine for it yet.</source>
        <translation>Diese Version des Programms hat noch keine Engine dafür.</translation>
    </message>
    <message>
        <source>Looking for people</source>
        <translation>Personensuche</translation>
    </message>
    <message>
        <source>Checking the files</source>
        <translation>Prüfung der Dateien</translation>
    </message>
    <message>
        <source>Looking for hidden frames</source>
        <translation>Suche nach verdeckten Bildern</translation>
    </message>
    <message>
        <source>filling in what is hidden</source>
        <translation>Verdecktes wird ergänzt</translation>
    </message>
    <message>
        <source>Finding the ground</source>
        <translation>Bodensuche</translation>
    </message>
    <message>
        <source>Fitting bodies</source>
        <translation>Körperanpassung</translation>
    </message>
    <message>
        <source>Tracking</source>
        <translation>Verfolgung</translation>
    </message>
    <message>
        <source>Loading the scene&apos;s network</source>
        <translation>Netz der Szene wird geladen</translation>
    </message>
    <message>
        <source>waiting for the server</source>
        <translation>wartet auf den Server</translation>
    </message>
    <message>
        <source>random weights</source>
        <translation>Zufallsgewichte</translation>
    </message>
    <message>
        <source>frames %1 to %2 of %3</source>
        <translation>Bilder %1 bis %2 von %3</translation>
    </message>
    <message>
        <source>This clip needs none.</source>
        <translation>Dieser Clip braucht keine.</translation>
    </message>
    <message>
        <source>%1 frame is hidden and can be filled in.</source>
        <translation>%1 Bild ist verdeckt und kann ergänzt werden.</translation>
    </message>
    <message>
        <source>%1 frames are hidden and can be filled in.</source>
        <translation>%1 Bilder sind verdeckt und können ergänzt werden.</translation>
    </message>
    <message>
        <source>%1 frame is hidden, %2 filled in.</source>
        <translation>%1 Bild ist verdeckt, %2 ergänzt.</translation>
    </message>
    <message>
        <source>%1 frames are hidden, %2 filled in.</source>
        <translation>%1 Bilder sind verdeckt, %2 ergänzt.</translation>
    </message>
    <message>
        <source>1 person was found.</source>
        <translation>1 Person wurde gefunden.</translation>
    </message>
    <message>
        <source>%1 people were found.</source>
        <translation>%1 Personen wurden gefunden.</translation>
    </message>
    <message>
        <source>Click the person, or draw a box around them.</source>
        <translation>Die Person anklicken oder einen Rahmen um sie ziehen.</translation>
    </message>
    <message>
        <source>%1 finds nothing at this place.</source>
        <translation>%1 findet an dieser Stelle nichts.</translation>
    </message>
    <message>
        <source>The click lies outside the picture.</source>
        <translation>Der Klick liegt außerhalb des Bildes.</translation>
    </message>
    <message>
        <source>There is no click on a person on this frame.</source>
        <translation>Auf diesem Bild ist keine Person angeklickt.</translation>
    </message>
    <message>
        <source>%1: Nothing hides this person: the clip needs no completion.</source>
        <translation>%1: Nichts verdeckt diese Person: Der Clip braucht keine Ergänzung.</translation>
    </message>
    <message>
        <source>%1: This person was never seen well enough to fill anything in.</source>
        <translation>%1: Diese Person war nie gut genug zu sehen, um etwas zu ergänzen.</translation>
    </message>
    <message>
        <source>%1: Hidden in %2 of %3 frames (%4 stretch), all of them filled in.</source>
        <translation>%1: In %2 von %3 Bildern verdeckt (%4 Abschnitt), alle ergänzt.</translation>
    </message>
    <message>
        <source>%1: Hidden in %2 of %3 frames (%4 stretches), all of them filled in.</source>
        <translation>%1: In %2 von %3 Bildern verdeckt (%4 Abschnitte), alle ergänzt.</translation>
    </message>
    <message>
        <source>%1: Hidden in %2 of %3 frames (%4 stretch), %5 of them filled in.</source>
        <translation>%1: In %2 von %3 Bildern verdeckt (%4 Abschnitt), %5 davon ergänzt.</translation>
    </message>
    <message>
        <source>%1: Hidden in %2 of %3 frames (%4 stretches), %5 of them filled in.</source>
        <translation>%1: In %2 von %3 Bildern verdeckt (%4 Abschnitte), %5 davon ergänzt.</translation>
    </message>
    <message>
        <source>Internal error: this should not have happened.</source>
        <translation>Interner Fehler: Das hätte nicht geschehen dürfen.</translation>
    </message>
    <message>
        <source>Your work is saved; try again, and send the details if it comes back.</source>
        <translation>Die Arbeit ist gespeichert; erneut versuchen und die Details einsenden, falls es wiederkehrt.</translation>
    </message>
    <message>
        <source>%1 is damaged.</source>
        <translation>%1 ist beschädigt.</translation>
    </message>
    <message>
        <source>Run or import it again.</source>
        <translation>Erneut berechnen oder importieren.</translation>
    </message>
    <message>
        <source>Delete it and run again.</source>
        <translation>Löschen und erneut berechnen.</translation>
    </message>
    <message>
        <source>Cannot write %1: %2.</source>
        <translation>%1 kann nicht geschrieben werden: %2.</translation>
    </message>
    <message>
        <source>Cannot read %1: %2.</source>
        <translation>%1 kann nicht gelesen werden: %2.</translation>
    </message>
    <message>
        <source>Check the path and its permissions.</source>
        <translation>Pfad und Zugriffsrechte prüfen.</translation>
    </message>
    <message>
        <source>Check the path.</source>
        <translation>Den Pfad prüfen.</translation>
    </message>
    <message>
        <source>Check its permissions.</source>
        <translation>Die Zugriffsrechte prüfen.</translation>
    </message>
    <message>
        <source>Check the path and the spelling.</source>
        <translation>Pfad und Schreibweise prüfen.</translation>
    </message>
    <message>
        <source>Not enough memory, even for one frame at a time.</source>
        <translation>Nicht genug Speicher, selbst für ein einzelnes Bild.</translation>
    </message>
    <message>
        <source>Close other programs, raise the memory budget, or use a video of lower resolution.</source>
        <translation>Andere Programme schließen, das Speicherbudget erhöhen oder ein Video geringerer Auflösung verwenden.</translation>
    </message>
    <message>
        <source>Nobody was found in this video.</source>
        <translation>In diesem Video wurde niemand gefunden.</translation>
    </message>
    <message>
        <source>Click a person yourself: --click FRAME:X,Y, or a click in the window.</source>
        <translation>Selbst eine Person anklicken: im Fenster oder mit --click FRAME:X,Y.</translation>
    </message>
    <message>
        <source>None of the selected people was found in the video.</source>
        <translation>Keine der gewählten Personen wurde im Video gefunden.</translation>
    </message>
    <message>
        <source>Click the middle of a person who is clearly visible.</source>
        <translation>In die Mitte einer gut sichtbaren Person klicken.</translation>
    </message>
    <message>
        <source>Nobody was found where this target was clicked. Click the middle of the person.</source>
        <translation>Wo geklickt wurde, war niemand zu finden. In die Mitte der Person klicken.</translation>
    </message>
    <message>
        <source>The project has no bodies to export yet.</source>
        <translation>Das Projekt hat noch keine Körper zum Exportieren.</translation>
    </message>
    <message>
        <source>Cannot write to the project: %1.</source>
        <translation>In das Projekt kann nicht geschrieben werden: %1.</translation>
    </message>
    <message>
        <source>Copy the project folder to a place where you may write, or open it read-only.</source>
        <translation>Den Projektordner an einen beschreibbaren Ort kopieren oder schreibgeschützt öffnen.</translation>
    </message>
    <message>
        <source>The project is open in another window or job.</source>
        <translation>Das Projekt ist in einem anderen Fenster oder Auftrag geöffnet.</translation>
    </message>
    <message>
        <source>Wait until that one is done or close it, or open the project read-only.</source>
        <translation>Warten, bis jenes fertig ist, es schließen oder das Projekt schreibgeschützt öffnen.</translation>
    </message>
    <message>
        <source>%1 already holds a project.</source>
        <translation>%1 enthält schon ein Projekt.</translation>
    </message>
    <message>
        <source>Open that project, or choose another name or folder.</source>
        <translation>Jenes Projekt öffnen oder einen anderen Namen oder Ordner wählen.</translation>
    </message>
    <message>
        <source>%1 exists and is no project.</source>
        <translation>%1 ist vorhanden und kein Projekt.</translation>
    </message>
    <message>
        <source>Choose another name or folder.</source>
        <translation>Einen anderen Namen oder Ordner wählen.</translation>
    </message>
    <message>
        <source>Cannot create %1: %2.</source>
        <translation>%1 kann nicht angelegt werden: %2.</translation>
    </message>
    <message>
        <source>Check that the folder above exists and may be written to, or choose another one.</source>
        <translation>Prüfen, ob der übergeordnete Ordner vorhanden und beschreibbar ist, oder einen anderen wählen.</translation>
    </message>
    <message>
        <source>There is no project %1.</source>
        <translation>Es gibt kein Projekt %1.</translation>
    </message>
    <message>
        <source>Check the path; a project is a folder that ends in .body4d.</source>
        <translation>Den Pfad prüfen; ein Projekt ist ein Ordner, der auf .body4d endet.</translation>
    </message>
    <message>
        <source>%1 is no project: it has no project.yaml.</source>
        <translation>%1 ist kein Projekt: Es hat keine project.yaml.</translation>
    </message>
    <message>
        <source>Choose a folder that ends in .body4d, or create a project from a video.</source>
        <translation>Einen Ordner wählen, der auf .body4d endet, oder ein Projekt aus einem Video anlegen.</translation>
    </message>
    <message>
        <source>The project is open for reading only.</source>
        <translation>Das Projekt ist nur zum Lesen geöffnet.</translation>
    </message>
    <message>
        <source>Close the program that writes it, then open it again.</source>
        <translation>Das Programm schließen, das es schreibt, dann erneut öffnen.</translation>
    </message>
    <message>
        <source>The weights of %1 are not here.</source>
        <translation>Die Gewichte von %1 fehlen hier.</translation>
    </message>
    <message>
        <source>There is no file or folder &apos;%1&apos;.</source>
        <translation>Es gibt keine Datei und keinen Ordner „%1“.</translation>
    </message>
    <message>
        <source>The file &apos;%1&apos; is empty.</source>
        <translation>Die Datei „%1“ ist leer.</translation>
    </message>
    <message>
        <source>Copy or download it again.</source>
        <translation>Erneut kopieren oder herunterladen.</translation>
    </message>
    <message>
        <source>The file &apos;%1&apos; cannot be read.</source>
        <translation>Die Datei „%1“ kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The video %1 is cut off: its table of contents (moov) is missing.</source>
        <translation>Das Video %1 ist abgeschnitten: Sein Inhaltsverzeichnis (moov) fehlt.</translation>
    </message>
    <message>
        <source>Copy or record it again, or restore it with a repair tool such as untrunc.</source>
        <translation>Erneut kopieren oder aufnehmen, oder mit einem Reparaturprogramm wie untrunc wiederherstellen.</translation>
    </message>
    <message>
        <source>The file %1 is text, not a video or an image.</source>
        <translation>Die Datei %1 ist Text, kein Video und kein Bild.</translation>
    </message>
    <message>
        <source>Choose a video file, an image, or a folder of images.</source>
        <translation>Eine Videodatei, ein Bild oder einen Bildordner wählen.</translation>
    </message>
    <message>
        <source>The file %1 is damaged or of a kind that FFmpeg cannot read.</source>
        <translation>Die Datei %1 ist beschädigt oder von einer Art, die FFmpeg nicht lesen kann.</translation>
    </message>
    <message>
        <source>Play it in another program to see whether it is whole, or convert it: ffmpeg -i IN OUT.mp4</source>
        <translation>In einem anderen Programm abspielen, um zu sehen, ob sie ganz ist, oder umwandeln: ffmpeg -i IN OUT.mp4</translation>
    </message>
    <message>
        <source>No frame of the video %1 can be decoded.</source>
        <translation>Kein Bild des Videos %1 kann decodiert werden.</translation>
    </message>
    <message>
        <source>The file is damaged: copy or download it again.</source>
        <translation>Die Datei ist beschädigt: erneut kopieren oder herunterladen.</translation>
    </message>
    <message>
        <source>Frame %1 of the video %2 cannot be decoded.</source>
        <translation>Bild %1 des Videos %2 kann nicht decodiert werden.</translation>
    </message>
    <message>
        <source>Leave the damaged part out with a frame range, or copy the file again.</source>
        <translation>Den beschädigten Teil mit einem Bildbereich auslassen oder die Datei erneut kopieren.</translation>
    </message>
    <message>
        <source>The image &apos;%1&apos; has no pixels that can be read.</source>
        <translation>Das Bild „%1“ hat keine lesbaren Pixel.</translation>
    </message>
    <message>
        <source>The file is damaged or empty: choose another one, or save it again as PNG or JPEG.</source>
        <translation>Die Datei ist beschädigt oder leer: eine andere wählen oder erneut als PNG oder JPEG speichern.</translation>
    </message>
    <message>
        <source>The folder &apos;%1&apos; cannot be read.</source>
        <translation>Der Ordner „%1“ kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The folder &apos;%1&apos; holds no images.</source>
        <translation>Der Ordner „%1“ enthält keine Bilder.</translation>
    </message>
    <message>
        <source>Choose a folder with PNG or JPEG files, or a video file.</source>
        <translation>Einen Ordner mit PNG- oder JPEG-Dateien oder eine Videodatei wählen.</translation>
    </message>
    <message>
        <source>The file &apos;%1&apos; holds sound but no picture.</source>
        <translation>Die Datei „%1“ enthält Ton, aber kein Bild.</translation>
    </message>
    <message>
        <source>Choose a file with a video track.</source>
        <translation>Eine Datei mit einer Videospur wählen.</translation>
    </message>
    <message>
        <source>The disk is full: the video %1 cannot be written.</source>
        <translation>Der Datenträger ist voll: Das Video %1 kann nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>Free some space or choose another folder.</source>
        <translation>Platz schaffen oder einen anderen Ordner wählen.</translation>
    </message>
    <message>
        <source>The video %1 cannot be written into this folder.</source>
        <translation>Das Video %1 kann nicht in diesen Ordner geschrieben werden.</translation>
    </message>
    <message>
        <source>Choose a folder that you may write to.</source>
        <translation>Einen beschreibbaren Ordner wählen.</translation>
    </message>
    <message>
        <source>The video %1 cannot be written.</source>
        <translation>Das Video %1 kann nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>See the details.</source>
        <translation>Siehe Details.</translation>
    </message>
    <message>
        <source>%1 is another video than the one of this project.</source>
        <translation>%1 ist ein anderes Video als das dieses Projekts.</translation>
    </message>
    <message>
        <source>Choose the file that the project was made with; its name may have changed, its content not.</source>
        <translation>Die Datei wählen, mit der das Projekt entstand; ihr Name darf sich geändert haben, ihr Inhalt nicht.</translation>
    </message>
    <message>
        <source>The folder %1 already exists and is not empty.</source>
        <translation>Der Ordner %1 ist schon vorhanden und nicht leer.</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>Einen anderen Namen wählen.</translation>
    </message>
    <message>
        <source>The project could not be saved at %1.</source>
        <translation>Das Projekt konnte nicht unter %1 gespeichert werden.</translation>
    </message>
    <message>
        <source>Choose a folder that you may write to, with enough free space.</source>
        <translation>Einen beschreibbaren Ordner mit genug freiem Platz wählen.</translation>
    </message>
    <message>
        <source>%1 is not a picture.</source>
        <translation>%1 ist kein Bild.</translation>
    </message>
    <message>
        <source>Remove it from the folder or replace it.</source>
        <translation>Aus dem Ordner entfernen oder ersetzen.</translation>
    </message>
    <message>
        <source>No masks were found in %1.</source>
        <translation>In %1 wurden keine Masken gefunden.</translation>
    </message>
    <message>
        <source>Choose a folder of PNG files named by frame number, a folder of such folders, or a COCO file.</source>
        <translation>Einen Ordner mit nach Bildnummer benannten PNG-Dateien, einen Ordner solcher Ordner oder eine COCO-Datei wählen.</translation>
    </message>
    <message>
        <source>%1 is no project.</source>
        <translation>%1 ist kein Projekt.</translation>
    </message>
    <message>
        <source>Choose a folder that ends in .body4d.</source>
        <translation>Einen Ordner wählen, der auf .body4d endet.</translation>
    </message>
    <message>
        <source>%1 is about another video.</source>
        <translation>%1 gehört zu einem anderen Video.</translation>
    </message>
    <message>
        <source>Choose a project of %1.</source>
        <translation>Ein Projekt von %1 wählen.</translation>
    </message>
    <message>
        <source>%1 has no bodies of these people.</source>
        <translation>%1 hat keine Körper dieser Personen.</translation>
    </message>
    <message>
        <source>Run it first, and give the people the same names.</source>
        <translation>Zuerst berechnen und den Personen dieselben Namen geben.</translation>
    </message>
    <message>
        <source>%1 cannot be shown: its description or its data is damaged.</source>
        <translation>%1 kann nicht gezeigt werden: Beschreibung oder Daten sind beschädigt.</translation>
    </message>
    <message>
        <source>Write the file again, or take another one.</source>
        <translation>Die Datei neu schreiben oder eine andere nehmen.</translation>
    </message>
    <message>
        <source>%1 is not a sound checkpoint: %2.</source>
        <translation>%1 ist kein einwandfreier Checkpoint: %2.</translation>
    </message>
    <message>
        <source>Get the official file again; body4d models names its source.</source>
        <translation>Die offizielle Datei erneut besorgen; body4d models nennt die Quelle.</translation>
    </message>
    <message>
        <source>Person %1</source>
        <translation>Person %1</translation>
    </message>
    <message>
        <source>%1 was not found in any frame.</source>
        <translation>%1 wurde auf keinem Bild gefunden.</translation>
    </message>
    <message>
        <source>Saved tracks of this project are damaged. They are tracked again.</source>
        <translation>Gespeicherte Spuren dieses Projekts sind beschädigt. Sie werden neu verfolgt.</translation>
    </message>
    <message>
        <source>PLY point cloud</source>
        <translation>PLY-Punktwolke</translation>
    </message>
    <message>
        <source>PLY mesh</source>
        <translation>PLY-Mesh</translation>
    </message>
    <message>
        <source>OBJ points</source>
        <translation>OBJ-Punkte</translation>
    </message>
    <message>
        <source>OBJ mesh</source>
        <translation>OBJ-Mesh</translation>
    </message>
    <message>
        <source>GLB point cloud</source>
        <translation>GLB-Punktwolke</translation>
    </message>
    <message>
        <source>SAM 3D Body result</source>
        <translation>Ergebnis von SAM 3D Body</translation>
    </message>
    <message>
        <source>depth maps with cameras</source>
        <translation>Tiefenkarten mit Kameras</translation>
    </message>
    <message>
        <source>npz point cloud</source>
        <translation>npz-Punktwolke</translation>
    </message>
    <message>
        <source>point maps</source>
        <translation>Punktkarten</translation>
    </message>
    <message>
        <source>meshes by frame</source>
        <translation>Meshes je Bild</translation>
    </message>
    <message>
        <source>COLMAP model</source>
        <translation>COLMAP-Modell</translation>
    </message>
    <message>
        <source>turned upright by its cameras</source>
        <translation>an seinen Kameras aufgerichtet</translation>
    </message>
    <message>
        <source>lifted onto the floor</source>
        <translation>auf den Boden gehoben</translation>
    </message>
    <message>
        <source>turned upright by its cameras, lifted onto the floor</source>
        <translation>an seinen Kameras aufgerichtet, auf den Boden gehoben</translation>
    </message>
    <message>
        <source>It has no PLY header.</source>
        <translation>Der PLY-Kopf fehlt.</translation>
    </message>
    <message>
        <source>Its length is not that of its vertices and faces.</source>
        <translation>Die Länge passt nicht zu Vertices und Flächen.</translation>
    </message>
    <message>
        <source>A face names a vertex that is not there.</source>
        <translation>Eine Fläche nennt einen Vertex, den es nicht gibt.</translation>
    </message>
    <message>
        <source>A file says that it is of a frame that was not exported.</source>
        <translation>Eine Datei nennt ein Bild, das nicht exportiert wurde.</translation>
    </message>
    <message>
        <source>A mesh has not as many vertices and faces as the body.</source>
        <translation>Ein Mesh hat nicht so viele Vertices und Flächen wie der Körper.</translation>
    </message>
    <message>
        <source>It has not one row for each exported frame.</source>
        <translation>Es gibt nicht eine Zeile je exportiertem Bild.</translation>
    </message>
    <message>
        <source>A row of the motion is not whole.</source>
        <translation>Eine Zeile der Bewegung ist unvollständig.</translation>
    </message>
    <message>
        <source>It has not one row for each frame with a body.</source>
        <translation>Es gibt nicht eine Zeile je Bild mit Körper.</translation>
    </message>
    <message>
        <source>A box reaches beyond the picture.</source>
        <translation>Ein Rahmen reicht über das Bild hinaus.</translation>
    </message>
    <message>
        <source>A mask has not the size of the video.</source>
        <translation>Eine Maske hat nicht die Größe des Videos.</translation>
    </message>
    <message>
        <source>It has not as many pictures as frames were exported.</source>
        <translation>Es gibt nicht so viele Bilder, wie exportiert wurden.</translation>
    </message>
    <message>
        <source>The file is cut off.</source>
        <translation>Die Datei ist abgeschnitten.</translation>
    </message>
    <message>
        <source>It is no binary glTF 2.0.</source>
        <translation>Es ist kein binäres glTF 2.0.</translation>
    </message>
    <message>
        <source>The length in the header is not the file&apos;s.</source>
        <translation>Die Länge im Kopf ist nicht die der Datei.</translation>
    </message>
    <message>
        <source>A channel of the animation has no keys.</source>
        <translation>Ein Kanal der Animation hat keine Keyframes.</translation>
    </message>
    <message>
        <source>Key times of the animation do not rise.</source>
        <translation>Die Keyframe-Zeiten der Animation steigen nicht.</translation>
    </message>
    <message>
        <source>There is a number that is none (NaN or infinite).</source>
        <translation>Eine Zahl ist keine (NaN oder unendlich).</translation>
    </message>
    <message>
        <source>Skin weights do not sum to 1.</source>
        <translation>Hautgewichte ergeben in der Summe nicht 1.</translation>
    </message>
    <message>
        <source>The mesh has not as many vertices as the body.</source>
        <translation>Das Mesh hat nicht so viele Vertices wie der Körper.</translation>
    </message>
    <message>
        <source>The clip is not as long as the exported frames.</source>
        <translation>Der Clip ist nicht so lang wie die exportierten Bilder.</translation>
    </message>
    <message>
        <source>There is no animation.</source>
        <translation>Es gibt keine Animation.</translation>
    </message>
    <message>
        <source>The camera seems to travel, not only to turn. Its travel is not measured: people&apos;s paths in the world contain it.</source>
        <translation>Die Kamera scheint sich fortzubewegen, nicht nur zu drehen. Ihr Weg wird nicht gemessen: Er steckt in den Wegen der Personen.</translation>
    </message>
    <message>
        <source>MHR level of detail</source>
        <translation>MHR-Detailstufe</translation>
    </message>
    <message>
        <source>lod1_to_lodK_mapping.npz of MHR&apos;s release: exports of its bodies have that level&apos;s mesh; empty: the first.</source>
        <translation>lod1_to_lodK_mapping.npz aus der MHR-Veröffentlichung: Exporte dieser Körper haben das Mesh jener Stufe; leer: die erste.</translation>
    </message>
    <message>
        <source>Mesh of that level</source>
        <translation>Mesh jener Stufe</translation>
    </message>
    <message>
        <source>The level&apos;s mesh as .ply, for its triangles.</source>
        <translation>Das Mesh der Stufe als .ply, wegen seiner Dreiecke.</translation>
    </message>
</context>
</TS>
