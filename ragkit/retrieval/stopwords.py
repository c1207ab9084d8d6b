"""Words too common to tell one text from another, for the languages we know well enough.

Short on purpose: a rare word that is left out can't be found any more, while a common one that
stays in only costs a little time, since BM25 gives it next to no weight.
"""

from __future__ import annotations

__all__ = ["STOP_WORDS"]

_ENGLISH = """
a about all also am an and any are as at be been being but by can could did do does doing for from
had has have having he her here hers him his how i if in into is it its itself just me my no nor
not of on or our ours she should so some such than that the their theirs them then there these
they this those to too very was we were what when where which while who whom whose why will
with would you your yours
"""
_GERMAN = """
aber alle als also am an auch auf aus bei bin bis bist da das dass dein dem den der des die dies
diese dieser dieses doch du durch ein eine einem einen einer eines er es euch für hat hatte haben
hier ich ihm ihn ihr ihre im in ist ja kann kein keine mein mit nach nicht noch nur ob oder sein
seine sich sie sind so über um und uns unser unter vom von vor war waren warum was welche welcher
welches wenn wer wie wieder wir wird wo zu zum zur
"""
_FRENCH = """
à au aux avec ce ces cet cette ceux comme comment dans de des du elle elles en est et était être
eu il ils je la le les leur leurs lui ma mais me mes moi mon ne nos notre nous on ont ou où par
pas pour pourquoi qu quand que quel quelle quelles quels qui sa sans se ses si son sont sur ta te
tes toi ton tu un une vos votre vous y d l n s c j m t
"""
_SPANISH = """
a al algo ante como cómo con cual cuál cuando cuándo de del desde donde dónde dos e el él ella
ellas ellos en entre era es esa ese eso esta está están este esto estos fue ha han hasta hay la
las le les lo los más me mi mis muy ni no nos o otra otro para pero por porque que qué quien
quién se ser si sí sin sobre son su sus también te tu tus un una uno unos y ya yo
"""
_ITALIAN = """
a ad agli ai al alla alle allo anche c che chi ci come con cosa da dagli dai dal dalla dalle del
della delle dello dei degli di dove e è ed era gli ha hanno i il in io l la le lei li lo loro lui
ma mi mia mio ne negli nei nel nella nelle noi non nostro o per perché più quale quali quando
quello questa questo qui se sei si sia sono su sua sue sugli sui sul sulla suo tra tu un una uno
vi voi
"""
_PORTUGUESE = """
a à ao aos as às até com como da das de dela dele delas deles do dos e é ela elas ele eles em
entre era essa esse esta está este eu foi há isso isto já lhe mais mas me meu minha na não nas
nem no nos nós num numa o onde os ou para pela pelas pelo pelos por porque qual quais quando que
quem são se sem ser seu seus só sua suas também te tem um uma você vocês
"""
_DUTCH = """
aan al als bij dan dat de den der deze die dit door dus een en er ge had heb hebben heeft het hij
hoe hun ik in is ja je kan maar me mijn met na naar niet nog nu of om omdat ons onze ook op over
te tot uit van veel voor waar waarom want waren was wat we welke wel werd wie wij wordt zal ze
zich zij zijn zo
"""

STOP_WORDS: dict[str, frozenset[str]] = {
    "english": frozenset(_ENGLISH.split()),
    "german": frozenset(_GERMAN.split()),
    "french": frozenset(_FRENCH.split()),
    "spanish": frozenset(_SPANISH.split()),
    "italian": frozenset(_ITALIAN.split()),
    "portuguese": frozenset(_PORTUGUESE.split()),
    "dutch": frozenset(_DUTCH.split()),
}
"""Stop words by language, case-folded; other languages have none."""
