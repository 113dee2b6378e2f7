<?xml version="1.0" encoding="UTF-8"?>
<!-- Shows a define.xml 2.1, with Analysis Results Metadata 1.0 where it has them, as one page: no script, no network. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:odm="http://www.cdisc.org/ns/odm/v1.3"
  xmlns:def="http://www.cdisc.org/ns/def/v2.1" xmlns:arm="http://www.cdisc.org/ns/arm/v1.0"
  xmlns:xlink="http://www.w3.org/1999/xlink" exclude-result-prefixes="odm def arm xlink">
  <xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>

  <xsl:key name="group" match="odm:ItemGroupDef" use="@OID"/>
  <xsl:key name="group-of-item" match="odm:ItemGroupDef" use="odm:ItemRef/@ItemOID"/>
  <xsl:key name="item" match="odm:ItemDef" use="@OID"/>
  <xsl:key name="list" match="odm:CodeList" use="@OID"/>
  <xsl:key name="method" match="odm:MethodDef" use="@OID"/>
  <xsl:key name="comment" match="def:CommentDef" use="@OID"/>
  <xsl:key name="values" match="def:ValueListDef" use="@OID"/>
  <xsl:key name="where" match="def:WhereClauseDef" use="@OID"/>
  <xsl:key name="leaf" match="def:leaf" use="@ID"/>
  <xsl:key name="standard" match="def:Standard" use="@OID"/>

  <xsl:variable name="study" select="/odm:ODM/odm:Study"/>
  <xsl:variable name="version" select="$study/odm:MetaDataVersion"/>
  <xsl:variable name="lists" select="$version/odm:CodeList[not(odm:ExternalCodeList)]"/>
  <xsl:variable name="dictionaries" select="$version/odm:CodeList[odm:ExternalCodeList]"/>

  <xsl:template match="/">
    <html lang="en">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title><xsl:value-of select="$version/@Name"/></title>
        <style>
:root { --ink: #1b2733; --soft: #5b6b7a; --line: #d7dee5; --tint: #f3f6f9; --link: #0b5cad; }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: #fff; font: 15px/1.5 system-ui, sans-serif; display: flex; align-items: flex-start; }
nav { flex: 0 0 15rem; position: sticky; top: 0; max-height: 100vh; overflow: auto; padding: 1.5rem 1rem 2rem 1.5rem; border-right: 1px solid var(--line); font-size: .85rem; }
nav h2 { margin: 1rem 0 .25rem; padding: 0; border: 0; font-size: .85rem; color: var(--soft); font-weight: 600; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
main { flex: 1; min-width: 0; max-width: 96rem; padding: 1.5rem 2rem 4rem; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .25rem 0 .5rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 .75rem; padding-top: .75rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.05rem; margin: 2.25rem 0 .25rem; }
h4 { font-size: .95rem; margin: 1.25rem 0 .25rem; }
p { margin: .25rem 0; max-width: 60rem; }
.soft { color: var(--soft); }
.wide { overflow-x: auto; margin: .5rem 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
tbody th { width: 9rem; }
thead th.number { text-align: right; }
thead th { background: var(--tint); font-weight: 600; }
td.name { white-space: nowrap; font-weight: 600; }
td.name + td { min-width: 9rem; }
td p { margin: 0 0 .2rem; min-width: 14rem; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr:target, h3:target, h4:target { background: #fff6d6; }
pre { white-space: pre-wrap; margin: .25rem 0; font: .85rem/1.45 ui-monospace, monospace; background: var(--tint); padding: .6rem .8rem; }
@media (max-width: 60rem) { body { display: block; } nav { position: static; max-height: none; border: 0; border-bottom: 1px solid var(--line); } main { padding: 1.5rem; } }
@media print { @page { size: A4 landscape; margin: 12mm; } nav { display: none; } main { max-width: none; padding: 0; } body { font-size: 10px; } thead { display: table-header-group; } tr, h2, h3, h4 { break-inside: avoid; } h3, h4 { break-after: avoid; } }
        </style>
      </head>
      <body>
        <xsl:call-template name="contents"/>
        <main>
          <header>
            <p class="soft">Define-XML <xsl:value-of select="$version/@def:DefineVersion"/></p>
            <h1><xsl:value-of select="$version/@Name"/></h1>
            <p><xsl:value-of select="$study/odm:GlobalVariables/odm:StudyDescription"/></p>
            <p class="soft">Data as of <xsl:value-of select="/odm:ODM/@AsOfDateTime"/></p>
            <xsl:if test="$version/def:leaf">
              <p>Documents: <xsl:for-each select="$version/def:leaf"><xsl:if test="position() &gt; 1">, </xsl:if><a href="{@xlink:href}"><xsl:value-of select="def:title"/></a></xsl:for-each></p>
            </xsl:if>
          </header>
          <xsl:call-template name="standards"/>
          <xsl:apply-templates select="$version/arm:AnalysisResultDisplays"/>
          <xsl:call-template name="datasets"/>
          <xsl:apply-templates select="$version/odm:ItemGroupDef"/>
          <xsl:call-template name="terms"/>
          <xsl:call-template name="methods"/>
        </main>
      </body>
    </html>
  </xsl:template>

  <xsl:template name="contents">
    <nav>
      <ul>
        <li><a href="#standards">Standards</a></li>
        <xsl:if test="$version/arm:AnalysisResultDisplays"><li><a href="#analyses">Analyses</a></li></xsl:if>
        <li><a href="#datasets">Datasets</a></li>
        <li><a href="#terms">Controlled terms</a></li>
        <li><a href="#methods">Methods</a></li>
      </ul>
      <h2>Datasets</h2>
      <ul>
        <xsl:for-each select="$version/odm:ItemGroupDef">
          <li><a href="#{@OID}" title="{odm:Description/odm:TranslatedText}"><xsl:value-of select="@Name"/></a><span class="soft"><xsl:text> </xsl:text><xsl:value-of select="odm:Description/odm:TranslatedText"/></span></li>
        </xsl:for-each>
      </ul>
      <xsl:if test="$lists">
        <h2>Codelists</h2>
        <ul>
          <xsl:for-each select="$lists"><xsl:sort select="@Name"/><li><a href="#{@OID}"><xsl:value-of select="@Name"/></a></li></xsl:for-each>
        </ul>
      </xsl:if>
    </nav>
  </xsl:template>

  <xsl:template name="standards">
    <h2 id="standards">Standards</h2>
    <div class="wide">
      <table>
        <thead><tr><th>Standard</th><th>Type</th><th>Version</th><th>Status</th></tr></thead>
        <tbody>
          <xsl:for-each select="$version/def:Standards/def:Standard">
            <tr id="{@OID}">
              <td><xsl:value-of select="@Name"/><xsl:if test="@PublishingSet"><xsl:text> </xsl:text><xsl:value-of select="@PublishingSet"/></xsl:if></td>
              <td><xsl:value-of select="@Type"/></td>
              <td><xsl:value-of select="@Version"/></td>
              <td><xsl:value-of select="@Status"/></td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </div>
  </xsl:template>

  <!-- analyses -->

  <xsl:template match="arm:AnalysisResultDisplays">
    <h2 id="analyses">Analyses</h2>
    <xsl:for-each select="arm:ResultDisplay">
      <h3 id="{@OID}"><xsl:value-of select="@Name"/></h3>
      <p><xsl:value-of select="odm:Description/odm:TranslatedText"/></p>
      <xsl:for-each select="arm:AnalysisResult">
        <h4 id="{@OID}"><xsl:value-of select="odm:Description/odm:TranslatedText"/></h4>
        <div class="wide">
          <table>
            <tbody>
              <tr><th>Purpose</th><td><xsl:value-of select="@AnalysisPurpose"/></td></tr>
              <tr><th>Reason</th><td><xsl:value-of select="@AnalysisReason"/></td></tr>
              <xsl:for-each select="arm:AnalysisDatasets/arm:AnalysisDataset">
                <tr>
                  <th><a href="#{@ItemGroupOID}"><xsl:value-of select="key('group', @ItemGroupOID)/@Name"/></a></th>
                  <td>
                    <p><xsl:apply-templates select="def:WhereClauseRef"/></p>
                    <p>Analysed: <xsl:for-each select="arm:AnalysisVariable"><xsl:if test="position() &gt; 1">, </xsl:if><a href="#{@ItemOID}"><xsl:value-of select="key('item', @ItemOID)/@Name"/></a></xsl:for-each></p>
                  </td>
                </tr>
              </xsl:for-each>
              <xsl:if test="key('comment', arm:AnalysisDatasets/@def:CommentOID)"><tr><th>Datasets</th><td><xsl:value-of select="key('comment', arm:AnalysisDatasets/@def:CommentOID)/odm:Description/odm:TranslatedText"/></td></tr></xsl:if>
              <xsl:if test="arm:Documentation"><tr><th>Documentation</th><td><xsl:value-of select="arm:Documentation/odm:Description/odm:TranslatedText"/></td></tr></xsl:if>
              <xsl:if test="arm:ProgrammingCode/arm:Code"><tr><th>Code, <xsl:value-of select="arm:ProgrammingCode/@Context"/></th><td><pre><xsl:value-of select="arm:ProgrammingCode/arm:Code"/></pre></td></tr></xsl:if>
            </tbody>
          </table>
        </div>
      </xsl:for-each>
    </xsl:for-each>
  </xsl:template>

  <!-- datasets -->

  <xsl:template name="datasets">
    <h2 id="datasets">Datasets</h2>
    <div class="wide">
      <table>
        <thead><tr><th>Dataset</th><th>Description</th><th>Class</th><th>Structure</th><th>Purpose</th><th>Keys</th><th>File</th><th>Comment</th></tr></thead>
        <tbody>
          <xsl:for-each select="$version/odm:ItemGroupDef">
            <tr>
              <td class="name"><a href="#{@OID}"><xsl:value-of select="@Name"/></a></td>
              <td><xsl:value-of select="odm:Description/odm:TranslatedText"/></td>
              <td><xsl:value-of select="def:Class/@Name"/><xsl:for-each select="def:Class/def:SubClass">, <xsl:value-of select="@Name"/></xsl:for-each></td>
              <td><xsl:value-of select="@def:Structure"/></td>
              <td><xsl:value-of select="@Purpose"/></td>
              <td><xsl:for-each select="odm:ItemRef[@KeySequence]"><xsl:sort select="@KeySequence" data-type="number"/><xsl:if test="position() &gt; 1">, </xsl:if><xsl:value-of select="key('item', @ItemOID)/@Name"/></xsl:for-each></td>
              <td><a href="{def:leaf/@xlink:href}"><xsl:value-of select="def:leaf/def:title"/></a></td>
              <td><xsl:value-of select="key('comment', @def:CommentOID)/odm:Description/odm:TranslatedText"/></td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </div>
  </xsl:template>

  <xsl:template match="odm:ItemGroupDef">
    <h3 id="{@OID}"><xsl:value-of select="@Name"/>: <xsl:value-of select="odm:Description/odm:TranslatedText"/></h3>
    <p class="soft"><xsl:value-of select="@def:Structure"/>. <a href="{def:leaf/@xlink:href}"><xsl:value-of select="def:leaf/def:title"/></a></p>
    <xsl:if test="@def:CommentOID"><p><xsl:value-of select="key('comment', @def:CommentOID)/odm:Description/odm:TranslatedText"/></p></xsl:if>
    <div class="wide">
      <table>
        <thead><tr><th>Variable</th><th>Label</th><th class="number">Key</th><th>Type</th><th class="number">Length</th><th>Terms or format</th><xsl:if test="odm:ItemRef/@Role"><th>Role</th></xsl:if><th>Origin, method, comment</th></tr></thead>
        <tbody>
          <xsl:for-each select="odm:ItemRef">
            <xsl:variable name="item" select="key('item', @ItemOID)"/>
            <tr id="{@ItemOID}">
              <td class="name"><xsl:value-of select="$item/@Name"/><xsl:if test="@Mandatory = 'Yes'"><span class="soft" title="must have a value"> *</span></xsl:if></td>
              <td><xsl:value-of select="$item/odm:Description/odm:TranslatedText"/></td>
              <td class="number"><xsl:value-of select="@KeySequence"/></td>
              <xsl:call-template name="kind"><xsl:with-param name="item" select="$item"/></xsl:call-template>
              <xsl:if test="../odm:ItemRef/@Role"><td><xsl:value-of select="@Role"/></td></xsl:if>
              <xsl:call-template name="source"><xsl:with-param name="item" select="$item"/></xsl:call-template>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </div>
    <xsl:for-each select="odm:ItemRef">
      <xsl:apply-templates select="key('values', key('item', @ItemOID)/def:ValueListRef/@ValueListOID)">
        <xsl:with-param name="name" select="key('item', @ItemOID)/@Name"/>
        <xsl:with-param name="said" select="@MethodOID"/>
      </xsl:apply-templates>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="def:ValueListDef">
    <xsl:param name="name"/>
    <xsl:param name="said"/>
    <h4 id="{@OID}">Values of <xsl:value-of select="$name"/></h4>
    <div class="wide">
      <table>
        <thead><tr><th>Where</th><th>Label</th><th>Type</th><th class="number">Length</th><th>Terms or format</th><th>Origin, method, comment</th></tr></thead>
        <tbody>
          <xsl:for-each select="odm:ItemRef">
            <xsl:variable name="item" select="key('item', @ItemOID)"/>
            <tr id="{@ItemOID}">
              <td><xsl:apply-templates select="def:WhereClauseRef"/></td>
              <td><xsl:value-of select="$item/odm:Description/odm:TranslatedText"/></td>
              <xsl:call-template name="kind"><xsl:with-param name="item" select="$item"/></xsl:call-template>
              <xsl:call-template name="source"><xsl:with-param name="item" select="$item"/><xsl:with-param name="said" select="$said"/></xsl:call-template>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </div>
  </xsl:template>

  <xsl:template match="def:WhereClauseRef">
    <xsl:for-each select="key('where', @WhereClauseOID)/odm:RangeCheck">
      <xsl:if test="position() &gt; 1"> and </xsl:if>
      <a href="#{@def:ItemOID}"><xsl:value-of select="key('item', @def:ItemOID)/@Name"/></a>
      <xsl:choose>
        <xsl:when test="@Comparator = 'EQ'"> = </xsl:when>
        <xsl:when test="@Comparator = 'IN'"> is one of </xsl:when>
        <xsl:otherwise><xsl:text> </xsl:text><xsl:value-of select="@Comparator"/><xsl:text> </xsl:text></xsl:otherwise>
      </xsl:choose>
      <xsl:for-each select="odm:CheckValue"><xsl:if test="position() &gt; 1">, </xsl:if><xsl:value-of select="."/></xsl:for-each>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="kind">
    <xsl:param name="item"/>
    <td><xsl:value-of select="$item/@DataType"/></td>
    <td class="number"><xsl:value-of select="$item/@Length"/><xsl:if test="$item/@SignificantDigits">.<xsl:value-of select="$item/@SignificantDigits"/></xsl:if></td>
    <td>
      <xsl:value-of select="$item/@def:DisplayFormat"/>
      <xsl:for-each select="key('list', $item/odm:CodeListRef/@CodeListOID)"><a href="#{@OID}"><xsl:value-of select="@Name"/></a></xsl:for-each>
    </td>
  </xsl:template>

  <!-- `said`: the method of the variable, which is not told again of each of its values -->
  <xsl:template name="source">
    <xsl:param name="item"/>
    <xsl:param name="said"/>
    <td>
      <xsl:if test="@def:HasNoData"><p class="soft">No value in the data.</p></xsl:if>
      <xsl:for-each select="$item/def:Origin">
        <p>
          <xsl:value-of select="@Type"/>
          <xsl:if test="@Source"> (<xsl:value-of select="@Source"/>)</xsl:if>
          <xsl:if test="odm:Description">: <xsl:value-of select="odm:Description/odm:TranslatedText"/></xsl:if>
          <xsl:for-each select="def:DocumentRef">
            <xsl:text>: </xsl:text>
            <xsl:choose>
              <xsl:when test="def:PDFPageRef">
                <xsl:call-template name="pages">
                  <xsl:with-param name="path" select="key('leaf', @leafID)/@xlink:href"/>
                  <xsl:with-param name="pages" select="def:PDFPageRef/@PageRefs"/>
                </xsl:call-template>
              </xsl:when>
              <xsl:otherwise><a href="{key('leaf', @leafID)/@xlink:href}"><xsl:value-of select="key('leaf', @leafID)/def:title"/></a></xsl:otherwise>
            </xsl:choose>
          </xsl:for-each>
        </p>
      </xsl:for-each>
      <xsl:if test="@MethodOID and not(@MethodOID = $said)"><p><xsl:value-of select="key('method', @MethodOID)/odm:Description/odm:TranslatedText"/></p></xsl:if>
      <xsl:if test="$item/@def:CommentOID"><p><xsl:value-of select="key('comment', $item/@def:CommentOID)/odm:Description/odm:TranslatedText"/></p></xsl:if>
      <xsl:if test="$item/def:ValueListRef"><p><a href="#{$item/def:ValueListRef/@ValueListOID}">By value</a></p></xsl:if>
    </td>
  </xsl:template>

  <!-- a link for each of the named destinations, which blanks keep apart -->
  <xsl:template name="pages">
    <xsl:param name="path"/>
    <xsl:param name="pages"/>
    <xsl:variable name="first" select="substring-before(concat($pages, ' '), ' ')"/>
    <xsl:variable name="rest" select="substring-after($pages, ' ')"/>
    <a href="{$path}#{$first}">
      <xsl:choose>
        <xsl:when test="starts-with($first, 'field-')"><xsl:value-of select="substring-after($first, 'field-')"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="$first"/></xsl:otherwise>
      </xsl:choose>
    </a>
    <xsl:if test="$rest">
      <xsl:text>, </xsl:text>
      <xsl:call-template name="pages"><xsl:with-param name="path" select="$path"/><xsl:with-param name="pages" select="$rest"/></xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- terms -->

  <xsl:template name="terms">
    <h2 id="terms">Controlled terms</h2>
    <p>Each codelist has the terms that the data use.</p>
    <xsl:for-each select="$lists">
      <xsl:sort select="@Name"/>
      <h3 id="{@OID}"><xsl:value-of select="@Name"/></h3>
      <p class="soft">
        <xsl:choose>
          <xsl:when test="@def:StandardOID"><xsl:value-of select="key('standard', @def:StandardOID)/@Name"/><xsl:text> </xsl:text><xsl:value-of select="key('standard', @def:StandardOID)/@PublishingSet"/><xsl:text> </xsl:text><xsl:value-of select="key('standard', @def:StandardOID)/@Version"/><xsl:if test="odm:Alias">, <xsl:value-of select="odm:Alias/@Name"/></xsl:if></xsl:when>
          <xsl:otherwise>Of the sponsor</xsl:otherwise>
        </xsl:choose>
      </p>
      <div class="wide">
        <table>
          <thead><tr><th>Term</th><xsl:if test="odm:CodeListItem"><th>Meaning</th></xsl:if><th>Code</th></tr></thead>
          <tbody>
            <xsl:variable name="decoded" select="boolean(odm:CodeListItem)"/>
            <xsl:for-each select="odm:CodeListItem | odm:EnumeratedItem">
              <tr>
                <td><xsl:value-of select="@CodedValue"/><xsl:if test="@def:ExtendedValue"><span class="soft"> (extends the codelist)</span></xsl:if></td>
                <xsl:if test="$decoded"><td><xsl:value-of select="odm:Decode/odm:TranslatedText"/></td></xsl:if>
                <td><xsl:value-of select="odm:Alias/@Name"/></td>
              </tr>
            </xsl:for-each>
          </tbody>
        </table>
      </div>
    </xsl:for-each>
    <xsl:if test="$dictionaries">
      <h3 id="dictionaries">Dictionaries</h3>
      <div class="wide">
        <table>
          <thead><tr><th>Name</th><th>Dictionary</th><th>Version</th></tr></thead>
          <tbody>
            <xsl:for-each select="$dictionaries">
              <tr id="{@OID}"><td><xsl:value-of select="@Name"/></td><td><xsl:value-of select="odm:ExternalCodeList/@Dictionary"/></td><td><xsl:value-of select="odm:ExternalCodeList/@Version"/></td></tr>
            </xsl:for-each>
          </tbody>
        </table>
      </div>
    </xsl:if>
  </xsl:template>

  <xsl:template name="methods">
    <h2 id="methods">Methods</h2>
    <div class="wide">
      <table>
        <thead><tr><th>Method</th><th>Type</th><th>Description</th></tr></thead>
        <tbody>
          <xsl:for-each select="$version/odm:MethodDef">
            <tr id="{@OID}"><td><xsl:value-of select="@Name"/></td><td><xsl:value-of select="@Type"/></td><td><xsl:value-of select="odm:Description/odm:TranslatedText"/></td></tr>
          </xsl:for-each>
        </tbody>
      </table>
    </div>
  </xsl:template>
</xsl:stylesheet>
