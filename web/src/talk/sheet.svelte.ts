// The sheet to talk in, where the screen has no column for it. It lies over whatever page is open.

export const talkSheet = $state({ open: false });
